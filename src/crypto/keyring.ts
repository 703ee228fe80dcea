import type { KeyObject } from 'node:crypto';
import { MAX_CLOCK_SKEW_MS } from '../domain/clock-skew.ts';
import { AuthError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import { isRotationDue } from '../domain/signing-keys/rotation.ts';
import type { SigningKeyRecord } from '../domain/signing-keys/storage.ts';
import type { Storage } from '../domain/storage.ts';
import type { SealedBox } from './sealed-box.ts';
import { createSigningKey, openSigningKey, type PublicJwk, type SigningKey } from './signing-key.ts';
import { signingKeyAt } from './signing-order.ts';

/** How long a new key is published before it signs: twice the `max-age` of the JWKS (architecture, signing keys). */
const PUBLISH_BEFORE_MS = 10 * 60_000;
/**
 * A superseded key stays published for this long whatever its `verifiesUntil` says: a login that chose it in its last
 * moment (deadline 10 s) raises `verifiesUntil` later, perhaps in another process.
 */
const PUBLISH_AFTER_MS = 60_000;
/** Unknown `kid`s come from strangers too: they read the store at most this often. */
const UNKNOWN_KID_RELOAD_MS = 1_000;

/** What the keyring needs of the store. */
export type SigningKeyStorage = Pick<Storage, 'listSigningKeys' | 'addSigningKey' | 'addSigningKeyWhenDue'>;

export interface KeyringOptions {
  readonly storage: SigningKeyStorage;
  readonly box: SealedBox;
  readonly clock: Clock;
}

/** A key that was not retired, with when it hands over. */
interface LiveKey extends SigningKey {
  readonly activatesAt: number;
  /** When one that was made after it begins to sign; Infinity for the last. */
  readonly supersededAt: number;
  /** As loaded: other processes raise it, so that it may lag behind the store. */
  readonly verifiesUntil: number;
}

/**
 * The signing keys that the processes of one store share, each in the state that its instants give
 * ({@link SigningKeyRecord}). Holds a copy that {@link refresh} keeps up to date; call that at least every 500 ms, so
 * that a key retired by another process is refused within a second. A loaded key is unsealed once. A row that does not
 * open is left out, so that a damaged one keeps neither a start nor a retirement back, and reported by {@link refresh}.
 */
export class Keyring {
  readonly #storage: SigningKeyStorage;
  readonly #box: SealedBox;
  readonly #clock: Clock;
  /** Not retired ones in the order in which they were made, which is that in which they sign. */
  #keys: readonly LiveKey[] = [];
  #byKid: ReadonlyMap<string, LiveKey> = new Map();
  #opened = new Map<string, SigningKey | null>();
  readonly #faults: unknown[] = [];
  #version = 0;
  #fingerprint = '';
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  #unknownKidReload: Promise<void> | null = null;
  #unknownKidReloadedAt = Number.NEGATIVE_INFINITY;

  constructor({ storage, box, clock }: KeyringOptions) {
    this.#storage = storage;
    this.#box = box;
    this.#clock = clock;
  }

  /** Raised whenever a key comes, goes or is retired: what was verified before must be verified again. */
  get version(): number {
    return this.#version;
  }

  /** The `kid`s of rows that were not retired and do not open, as loaded. */
  get damagedKeyIds(): readonly string[] {
    return [...this.#opened].flatMap(([kid, key]) => (key === null ? [kid] : []));
  }

  /**
   * Reads the store. Concurrent calls share a read that begins after they were made: one under way may have missed what
   * the caller knows of. Throws what the store throws (the loaded keys stay). Rows that do not open are left to the next
   * {@link refresh} to report.
   */
  load(): Promise<void> {
    if (this.#running === null) {
      this.#running = this.#read().finally(() => {
        this.#running = null;
      });
      return this.#running;
    }
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.load();
      });
    return this.#next;
  }

  /** Like {@link load}, but throws SealedBoxError, once for each row that does not open; the others are in force then. */
  async refresh(): Promise<void> {
    await this.load();
    const fault = this.#faults.shift();
    if (fault !== undefined) {
      throw fault;
    }
  }

  /** Rows that did not open are tried again by the next read: another secret is known now. */
  forgetDamaged(): void {
    this.#opened = new Map([...this.#opened].filter(([, key]) => key !== null));
  }

  /** The key that signs at this instant. Throws AuthError UNAVAILABLE when the store has none that opens. */
  currentKeyId(now: number): string {
    const current = signingKeyAt(this.#keys, now);
    if (current === undefined) {
      throw new AuthError('UNAVAILABLE', { cause: new Error('The store has no signing key that opens.') });
    }
    return current.kid;
  }

  /**
   * The private key of a live `kid`. Throws AuthError UNAVAILABLE when it was retired meanwhile: nothing was signed. What
   * the caller had done before is for the caller to tell.
   */
  privateKey(kid: string): KeyObject {
    const key = this.#byKid.get(kid);
    if (key === undefined) {
      throw new AuthError('UNAVAILABLE', { cause: new Error('The signing key was retired.') });
    }
    return key.privateKey;
  }

  /** The key of this `kid` unless it is unknown or retired. An unknown one reads the store, at most once a second. */
  async findVerifying(kid: string): Promise<SigningKey | null> {
    const known = this.#byKid.get(kid);
    if (known !== undefined) {
      return known;
    }
    const now = this.#clock.now();
    if (now >= this.#unknownKidReloadedAt + UNKNOWN_KID_RELOAD_MS) {
      this.#unknownKidReloadedAt = now;
      this.#unknownKidReload = this.load().finally(() => {
        this.#unknownKidReload = null;
      });
    }
    await this.#unknownKidReload;
    return this.#byKid.get(kid) ?? null;
  }

  /**
   * Whether a token of this key that claims to expire at `expiresAt` can be one that it signed: the key is not retired,
   * and has not handed over or is known to have signed for that long. False may mean that the copy lags behind:
   * ask {@link covers} then. Makes no call and allocates nothing.
   */
  coversAsLoaded(kid: string, expiresAt: number, now: number): boolean {
    const key = this.#byKid.get(kid);
    return key !== undefined && (now < key.supersededAt || expiresAt <= key.verifiesUntil);
  }

  /** Like {@link coversAsLoaded}, but reads the store before it says no. For tokens whose signature is good. */
  async covers(kid: string, expiresAt: number, now: number): Promise<boolean> {
    if (this.coversAsLoaded(kid, expiresAt, now)) {
      return true;
    }
    if (!this.#byKid.has(kid)) {
      return false;
    }
    await this.load();
    return this.coversAsLoaded(kid, expiresAt, now);
  }

  /** The public keys to publish: next, current and verifying ones, in the order in which they sign. */
  publishedKeys(now: number): readonly PublicJwk[] {
    return this.#keys
      .filter((key) => now < Math.max(key.supersededAt + PUBLISH_AFTER_MS, key.verifiesUntil))
      .map((key) => key.publicJwk);
  }

  /**
   * Adds a key to the store and gives its `kid`. It is published at once and signs after ten minutes, later than any
   * other that a right clock has dated: rotations in a row follow each other. `compromised`: it signs at once, and every
   * other key, one too that does not open, is retired in the same step, which ends every session.
   */
  async rotate({ compromised }: { readonly compromised: boolean }): Promise<string> {
    const now = this.#clock.now();
    const activatesAt = compromised ? now : nextActivation(await this.#storage.listSigningKeys(), now);
    const record = createSigningKey(this.#box, { createdAt: now, activatesAt });
    await this.#storage.addSigningKey(record, compromised ? now : null);
    await this.load();
    return record.kid;
  }

  /**
   * Rotates as {@link rotate} does where the store's newest key is older than `everyMs`, and gives the `kid`; null where none was due.
   * Every process of a store may ask: the store lets one of them add its key.
   */
  async rotateWhenDue(everyMs: number): Promise<string | null> {
    const now = this.#clock.now();
    const records = await this.#storage.listSigningKeys();
    if (!isRotationDue(records, { now, everyMs })) {
      return null;
    }
    const record = createSigningKey(this.#box, { createdAt: now, activatesAt: nextActivation(records, now) });
    const isAdded = await this.#storage.addSigningKeyWhenDue(record, everyMs);
    await this.load();
    return isAdded ? record.kid : null;
  }

  /**
   * Adds a key that signs at once where no stored one can be used. To be called after {@link load}. Of processes that
   * do so at once each adds one, and all use all of them.
   */
  async ensureKey(): Promise<void> {
    if (this.#keys.length > 0) {
      return;
    }
    const now = this.#clock.now();
    await this.#storage.addSigningKey(createSigningKey(this.#box, { createdAt: now, activatesAt: now }), null);
    await this.load();
  }

  async #read(): Promise<void> {
    const records = (await this.#storage.listSigningKeys()).filter(isLive);
    const opened = new Map(records.map((record) => [record.kid, this.#open(record)]));
    const usable = records.flatMap((record) => {
      const key = opened.get(record.kid);
      return key ? [{ ...record, ...key }] : [];
    });
    this.#keys = usable.map((key, index) => ({
      kid: key.kid,
      privateKey: key.privateKey,
      publicKey: key.publicKey,
      publicJwk: key.publicJwk,
      activatesAt: key.activatesAt,
      supersededAt: Math.min(...usable.slice(index + 1).map(({ activatesAt }) => activatesAt)),
      verifiesUntil: key.verifiesUntil,
    }));
    this.#byKid = new Map(this.#keys.map((key) => [key.kid, key]));
    this.#opened = opened;
    const fingerprint = this.#keys.map((key) => `${key.kid} ${key.activatesAt}`).join('\n');
    if (fingerprint !== this.#fingerprint) {
      this.#version += 1;
    }
    this.#fingerprint = fingerprint;
  }

  /** Null for a row that does not open. Neither kind is tried again, but what opened before its secret was called compromised. */
  #open(record: SigningKeyRecord): SigningKey | null {
    const known = this.#opened.get(record.kid);
    if (known === null || (known !== undefined && !this.#box.isCompromised(record.sealedPrivateKey))) {
      return known;
    }
    try {
      return openSigningKey(this.#box, record);
    } catch (fault) {
      this.#faults.push(fault);
      return null;
    }
  }
}

/** When a key that is made now begins to sign: after it was published for long enough, and after every other. */
function nextActivation(records: readonly SigningKeyRecord[], now: number): number {
  const soonest = now + PUBLISH_BEFORE_MS;
  // A date beyond is of a clock that was ahead. That key has been made before, and hands over whatever its date says.
  const dates = records.map(({ activatesAt }) => activatesAt).filter((date) => date <= soonest + MAX_CLOCK_SKEW_MS);
  return Math.max(soonest, ...dates.map((date) => date + 1));
}

function isLive(record: SigningKeyRecord): boolean {
  return record.retiredAt === null;
}
