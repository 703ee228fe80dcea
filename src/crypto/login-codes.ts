import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type { CodedChallenge, FactorUser, LoginCodes, RecoveryCodes } from '../domain/second-factors/codes.ts';
import { CROCKFORD, RECOVERY_CODE_LENGTH, spelledRecoveryCode } from '../domain/second-factors/recovery-code.ts';
import { encodeParts } from './derive-key.ts';
import type { SealedBox } from './sealed-box.ts';

const RECOVERY_CODES = 10;

/** Codes that log in: recovery codes, which are long enough to be kept as plain digests, and codes of mails, which are not. */
export class KeyedLoginCodes implements LoginCodes {
  readonly #box: Pick<SealedBox, 'digest' | 'digests'>;

  constructor(box: Pick<SealedBox, 'digest' | 'digests'>) {
    this.#box = box;
  }

  createRecoveryCodes(user: FactorUser): RecoveryCodes {
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    return { codes: codes.map(spelledRecoveryCode), digests: codes.map((code) => this.recoveryDigest(user, code)) };
  }

  recoveryDigest({ orgId, userId }: FactorUser, code: string): Uint8Array {
    return createHash('sha256')
      .update(encodeParts(['recovery code', orgId, userId, code]))
      .digest();
  }

  createEmailCode(challenge: CodedChallenge): { readonly code: string; readonly digest: Uint8Array } {
    const code = String(randomInt(1_000_000)).padStart(6, '0');
    return { code, digest: Buffer.from(this.#box.digest(partsOf(challenge, code)), 'hex') };
  }

  matchingDigest(challenge: CodedChallenge, code: string, digest: Uint8Array | null): Uint8Array | null {
    // It may have been mailed before the secret was replaced.
    const given = this.#box.digests(partsOf(challenge, code)).map((text) => Buffer.from(text, 'hex'));
    const same = given.filter((each) => timingSafeEqual(each, digest ?? new Uint8Array(each.length)));
    return same.length > 0 ? digest : null;
  }
}

function partsOf({ orgId, challengeId }: CodedChallenge, code: string): readonly string[] {
  return ['login code', orgId, challengeId, code];
}

/** Of 32 symbols, so that a byte's remainder prefers none. */
function newRecoveryCode(): string {
  return Array.from(randomBytes(RECOVERY_CODE_LENGTH), (byte) => CROCKFORD.charAt(byte % CROCKFORD.length)).join('');
}
