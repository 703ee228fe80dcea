import type { SigningKeyStorage } from '../../src/crypto/keyring.ts';
import { isRotationDue } from '../../src/domain/signing-keys/rotation.ts';
import type { SigningKeyRecord } from '../../src/domain/signing-keys/storage.ts';

/** The storage methods of signing keys, in memory: several keyrings over one stand for several processes. */
export class SigningKeyRows implements SigningKeyStorage {
  rows: SigningKeyRecord[] = [];
  /** How often the store was read. */
  reads = 0;
  failure: Error | null = null;
  /** While set, reads see the store as it is but answer only when it is fulfilled. */
  gate: Promise<void> | null = null;

  async listSigningKeys(): Promise<readonly SigningKeyRecord[]> {
    this.reads += 1;
    if (this.failure !== null) {
      throw this.failure;
    }
    const seen = [...this.rows];
    await this.gate;
    return seen;
  }

  async addSigningKey(key: SigningKeyRecord, retireOthersAt: number | null): Promise<void> {
    this.rows = [...this.rows.map((row) => ({ ...row, retiredAt: row.retiredAt ?? retireOthersAt })), { ...key }];
  }

  async addSigningKeyWhenDue(key: SigningKeyRecord, everyMs: number): Promise<boolean> {
    const isDue = isRotationDue(this.rows, { now: key.createdAt, everyMs });
    if (isDue) {
      await this.addSigningKey(key, null);
    }
    return isDue;
  }

  /** What createSession does for the key that will sign. */
  signedUntil(kid: string, expiresAt: number): void {
    this.change(kid, (row) => ({ ...row, verifiesUntil: Math.max(row.verifiesUntil, expiresAt) }));
  }

  change(kid: string, edit: (row: SigningKeyRecord) => SigningKeyRecord): void {
    this.rows = this.rows.map((row) => (row.kid === kid ? edit(row) : row));
  }
}

/** A clock that stands still until it is set. */
export class FakeClock {
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}
