import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { KID, NOW, populate, signingKey } from '../fixtures.ts';
import { openLab, openNode } from './lab.ts';

const KEEP = 'SELECT 1 FROM authflow.signing_keys WHERE kid = $1 FOR KEY SHARE';

test('a key that another rotation adds meanwhile is retired after the logins that it signs', async () => {
  const lab = await openLab({ lockTimeoutMs: 60_000, statementTimeoutMs: 60_000 });
  const node = await openNode(lab.past);
  await populate(node);
  const login = async (kid: string) => {
    const client = new pg.Client({ connectionString: lab.adminUrl });
    await client.connect();
    onTestFinished(() => client.end());
    const [row] = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
    await client.query('BEGIN');
    await client.query(KEEP, [kid]);
    return { pid: row?.pid ?? 0, commit: () => client.query('COMMIT') };
  };
  const waitsFor = async ({ pid }: { readonly pid: number }) => {
    const waiting = () => lab.sql('SELECT 1 FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))', [pid]);
    await expect.poll(waiting).toHaveLength(1);
  };

  const early = await login(KID);
  const rotated = node.addSigningKey(signingKey({ activatesAt: NOW + 2 }), NOW + 2);
  await waitsFor(early);
  const { kid } = signingKey();
  await lab.sql(
    `INSERT INTO {schema}.signing_keys
     SELECT $1 AS kid, public_jwk, sealed_private_key, created_at, activates_at, verifies_until, retired_at, made_number + 1 FROM {schema}.signing_keys`,
    [kid],
  );
  const late = await login(kid);
  await early.commit();
  await Promise.race([waitsFor(late), rotated.then(() => expect.fail('the retirement was told before the login'))]);
  await late.commit();
  await rotated;
  expect((await node.listSigningKeys()).map(({ retiredAt }) => retiredAt)).toEqual([NOW + 2, NOW + 2, null]);
});
