import type { Ports } from '../../src/domain/ports.ts';
import { ON_POSTGRES, type TestStore } from './stores.ts';

/** Puts the code of a mail in its challenge, as if the mail had gone out; gives the code. */
export async function putEmailCode(
  { challengeTokens, loginCodes }: Pick<Ports, 'challengeTokens' | 'loginCodes'>,
  store: Pick<TestStore, 'query'>,
  challenge: string,
): Promise<string> {
  const proven = challengeTokens.read(challenge);
  if (proven === null) {
    throw new Error('That is no challenge.');
  }
  const { challengeId, expiresAt } = proven;
  const { code, digest } = loginCodes.createEmailCode(proven);
  const kept = `code_digest = ${bytesAsSql(digest)}, code_until = ${expiresAt}`;
  await store.query(`UPDATE login_challenges SET ${kept} WHERE challenge_id = '${challengeId}'`);
  return code;
}

/** Bytes as a literal of the store's engine. */
export function bytesAsSql(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return ON_POSTGRES ? `'\\x${hex}'` : `X'${hex}'`;
}
