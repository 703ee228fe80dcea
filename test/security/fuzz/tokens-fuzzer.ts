import fc from 'fast-check';
import type { Fuzzer } from './batches.ts';
import { type Change, changedText } from './changes.ts';
import type { Delivery } from './delivery.ts';
import { CHANGE } from './recipes.ts';

interface Session {
  readonly email: string;
  readonly sessionToken: string;
}

/** Session tokens that are good but for a few changes, asked for by Validate. None of them may open anything. */
export function tokensFuzzer({ email, sessionToken }: Session, delivery: Delivery): Fuzzer<readonly Change[]> {
  return {
    inputs: fc.array(CHANGE, { minLength: 1, maxLength: 3 }),
    async faultOf(changes) {
      const changed = changes.reduce(changedText, sessionToken);
      const { status, text } = await delivery.send({
        entrance: 'JSON',
        method: 'POST',
        path: '/auth/validate',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify({ email, sessionToken: changed })),
      });
      const isRefused = [400, 401, 413].includes(status);
      return isRefused || changed === sessionToken
        ? null
        : `${status} ${text} for ${JSON.stringify(changed).slice(0, 2_000)}`;
    },
  };
}
