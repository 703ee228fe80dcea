import type { Reply } from './entrance.ts';

const MAX_ATTEMPTS = 3;

/**
 * Makes an attempt again, with a nonce and whatever else it spends new, while the server says that it had no time for
 * it: a machine that is busy with other work breaks no rule. The last answer counts.
 */
export async function inTime<Attempt extends { readonly reply: Reply }>(
  attempt: () => Promise<Attempt>,
): Promise<Attempt> {
  for (let left = MAX_ATTEMPTS - 1; ; left -= 1) {
    const made = await attempt();
    if (made.reply.reason !== 'DEADLINE_EXCEEDED' || left === 0) {
      return made;
    }
  }
}
