import { expect, test } from 'vitest';
import type { Storage } from '../../../src/domain/storage.ts';
import type { Verdict } from '../../support/postgres/fault-proxy.ts';
import { everyWrite } from './every-write.ts';
import { type Lab, openLab, openNode } from './lab.ts';

/** Every write is made some twenty times over: minutes on a busy machine. */
const LONGEST_MS = 1_200_000;
const CUTS = ['cut_before', 'cut_after'] as const;
/** The settling of a lost COMMIT meets a fault itself: the same for each, so a few are enough. */
const TWICE: ReadonlySet<string> = new Set(['beginLogin', 'createSession', 'endSession', 'ping']);

/** Cuts the connection at the n-th statement from now on, and at those after it that are named, counted from it. */
function cutAt(lab: Lab, n: number, verdict: Verdict, again: readonly number[] = []): () => boolean {
  const cuts = new Set([n, ...again.map((more) => n + more)]);
  let statements = 0;
  lab.proxy.judge = ({ type }) => {
    statements += type === 'Q' || type === 'S' ? 1 : 0;
    return cuts.delete(statements) ? verdict : 'pass';
  };
  return () => statements >= n;
}

test.each([
  { what: 'at any statement', which: () => true, again: [] },
  { what: 'at any statement and again at the third after that', which: (name: string) => TWICE.has(name), again: [3] },
])(
  'a write that is cut $what is done once or not at all, and says which (R10)',
  { timeout: LONGEST_MS },
  async ({ which, again }) => {
    const lab = await openLab();
    const [direct, faulty] = [await openNode(lab.database), await openNode(lab.proxied)];
    const writes = (await everyWrite(direct)).filter(({ name }) => which(name));
    await lab.save();
    const before = await lab.rows();
    const seen = { done: 0, not_done: 0 };
    for (const { name, ask } of writes) {
      await lab.restore();
      const told = await ask(direct);
      const done = await lab.rows();
      await lab.restore();
      for (const verdict of CUTS) {
        let isMet = () => true;
        for (let n = 1; isMet(); n += 1) {
          isMet = cutAt(lab, n, verdict, again);
          const where = `${name} at ${n}, ${verdict}`;
          const outcome = await ask(faulty).then(
            (value) => ({ value: value ?? null }),
            (error: { readonly reason?: string }) => ({ reason: error.reason ?? error }),
          );
          lab.proxy.judge = () => 'pass';
          if ('reason' in outcome) {
            expect(outcome, where).toEqual({ reason: 'UNAVAILABLE' });
            expect(await lab.rows(), where).toEqual(before);
            seen.not_done += 1;
          } else {
            expect(outcome, where).toEqual({ value: told ?? null });
            expect(await lab.rows(), where).toEqual(done);
            await lab.restore();
            seen.done += 1;
          }
        }
      }
    }
    expect(seen.done).toBeGreaterThan(writes.length);
    expect(seen.not_done).toBeGreaterThan(writes.length);
  },
);

test('a read that is cut at any of its statements is asked once more, or is UNAVAILABLE (R10)', async () => {
  const lab = await openLab();
  const [direct, faulty] = [await openNode(lab.database), await openNode(lab.proxied)];
  await everyWrite(direct);
  const [first] = await direct.listOrganizations({ limit: 1, after: null });
  const { orgId } = first ?? { orgId: '' };
  const [session] = await direct.listSessions(orgId, null, { limit: 1, after: null });
  const { sessionId, userId, email } = session ?? { sessionId: '', userId: '', email: '' };
  const reads: readonly ((storage: Storage) => Promise<unknown>)[] = [
    (storage) => storage.readStoreIdentity(),
    (storage) => storage.findOrganization(orgId),
    (storage) => storage.findApiKey(Buffer.alloc(32)),
    (storage) => storage.findSession(orgId, sessionId),
    (storage) => storage.findUser(orgId, userId),
    (storage) => storage.findUserByEmail(orgId, email),
    (storage) => storage.listSigningKeys(),
    (storage) => storage.countEndedSessions({ orgId, generation: 0, endedAt: 0 }),
  ];
  for (const ask of reads) {
    const told = await ask(direct);
    for (const verdict of CUTS) {
      let isMet = () => true;
      for (let n = 1; isMet(); n += 1) {
        isMet = cutAt(lab, n, verdict);
        const outcome = await ask(faulty).catch((error: { readonly reason?: string }) => error.reason ?? error);
        expect([told, 'UNAVAILABLE']).toContainEqual(outcome);
        lab.proxy.judge = () => 'pass';
      }
    }
  }
});
