import type { EntranceCheck } from '../check.ts';
import type { Reply } from '../entrance.ts';
import { demand, demandEqual } from '../mismatch.ts';
import type { Visit } from '../visit.ts';

const isRpc: EntranceCheck['where'] = ({ family }) => family === 'rpc';

/** How a refusal is told on gRPC and Connect. */
export const ERROR_CHECKS: readonly EntranceCheck[] = [
  {
    section: '2 Errors',
    title: 'the reason is in ErrorInfo, with the domain authflow',
    where: isRpc,
    async run(visit) {
      for (const [reason, reply] of await refusals(visit)) {
        demandEqual('ErrorInfo.reason', reason, reply.reason ?? undefined);
        demandEqual('ErrorInfo.domain', 'authflow', reply.domain ?? undefined);
      }
    },
  },
  {
    section: '2 Errors',
    title: 'BadRequest names the fields as /auth does',
    where: isRpc,
    async run(visit) {
      const reply = await visit.call('changePassword', { email: 'nobody' });
      demandEqual('BadRequest', 'email, newPassword, sessionToken', reply.violations.join(', '));
    },
  },
  {
    section: '2 Errors',
    title: 'a refusal has a sentence for people',
    where: isRpc,
    async run(visit) {
      for (const [reason, { message }] of await refusals(visit)) {
        demand(message !== '', `${reason}: a sentence`, `${reason}: no sentence`);
      }
    },
  },
  {
    section: '2 Errors',
    title: 'a deadline over 10 s is cut and not refused',
    where: isRpc,
    async run(visit) {
      const reply = await visit.call('fooBar', { identity: visit.world.ada.email }, { timeoutMs: 3_600_000 });
      demand(reply.ok, 'fooBar within an hour: a success', `fooBar within an hour: ${reply.reason ?? reply.status}`);
    },
  },
];

async function refusals(visit: Visit): Promise<readonly (readonly [string, Reply])[]> {
  return [
    ['INVALID_ARGUMENT', await visit.call('fooBar', {})],
    ['SESSION_INVALID', await visit.call('validate', { ...visit.good('validate'), sessionToken: 'malformed' })],
    ['NONCE_INVALID', await visit.call('login', visit.good('login'))],
  ];
}
