import { expect, test } from 'vitest';
import { closeOrganization, reopenOrganization } from '../support/asked.ts';
import { NO_STANDING } from '../support/no-standing.ts';
import { times } from '../support/times.ts';
import { Backend, inParallel, serverOfTest, tally } from './backend.ts';

const EMAIL = 'user@example.com';
const SESSIONS = times(200_000, { beside: 50_000 });
const ASKED = 500;

/** A version 7 id for each number. */
const ID = "'00000000-0000-7000-8000-' || substr(CAST(100000000000000 + i AS TEXT), 4)";
const idOf = (i: number): string => `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`;

test(`S3: closing an organization ends ${SESSIONS} live sessions by one row, in every server; reopening revives none`, async () => {
  const here = await serverOfTest();
  const there = await serverOfTest({ testStore: here.testStore });
  const { ports, testStore } = here;
  const { orgId, apiKey } = await here.createOrganization();
  await new Backend(here.httpAddress, apiKey).signUp(EMAIL);
  const userId = (await ports.storage.findUserByEmail(orgId, EMAIL))?.userId ?? '';
  const now = ports.clock.now();
  await testStore.query(
    `INSERT INTO sessions (org_id, session_id, user_id, generation, created_at, expires_at)
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${SESSIONS})
     SELECT '${orgId}', ${ID}, '${userId}', 0, ${now}, ${now + 3_600_000} FROM n`,
  );
  const kid = ports.sessionTokens.currentKeyId(now);
  const issuedAtSeconds = Math.floor(now / 1_000);
  const tokens = Array.from({ length: ASKED }, (_, index) => {
    const sessionId = idOf(1 + index * Math.floor(SESSIONS / ASKED));
    const claims = {
      sessionId,
      userId,
      orgId,
      email: EMAIL,
      issuedAtSeconds,
      expiresAtSeconds: issuedAtSeconds + 3_600,
      credentialVersion: 1,
      ...NO_STANDING,
    };
    return ports.sessionTokens.sign(kid, claims, null);
  });
  const backends = [here, there].map(({ httpAddress }) => new Backend(httpAddress, apiKey));
  const validateAll = async (): Promise<Record<string, number>> =>
    tally(
      await inParallel(ASKED, 16, async (index) => {
        const reply = await backends[index % 2]?.validate(EMAIL, tokens[index] ?? '');
        return reply?.outcome ?? '';
      }),
    );
  expect(await validateAll()).toEqual({ OK: ASKED });

  expect(await closeOrganization(ports, { orgId })).toMatchObject({ endedSessions: SESSIONS });
  expect(await testStore.query('SELECT org_id FROM ended_generations')).toEqual([{ org_id: orgId }]);
  const untouched = await testStore.query<{ n: number | string }>(
    'SELECT count(*) AS n FROM sessions WHERE generation = 0 AND revoked_at IS NULL',
  );
  expect(Number(untouched[0]?.n)).toBe(SESSIONS);
  expect(await validateAll()).toEqual({ API_KEY_INVALID: ASKED });
  await reopenOrganization(there.ports, { orgId });
  expect(await validateAll()).toEqual({ SESSION_REVOKED: ASKED });
});
