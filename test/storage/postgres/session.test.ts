import { expect, onTestFinished, test } from 'vitest';
import { Session } from '../../../src/storage/postgres/session.ts';
import { StatementTexts } from '../../../src/storage/postgres/statement.ts';
import { until } from '../../support/postgres/processes.ts';
import { openLab } from './lab.ts';

/** A connection of a lab's owner whose statements may take half a second, and what its server still runs for it. */
async function impatientSession() {
  const { past, sql } = await openLab();
  const [host] = past.hosts;
  if (host === undefined) {
    throw new Error('no host');
  }
  const session = await Session.connect(
    { ...past, statementTimeoutMs: 500 },
    host,
    new StatementTexts('authflow', true),
  );
  onTestFinished(() => session.destroy());
  session.cancelLate();
  const [row] = (await session.command('SELECT pg_backend_pid() AS pid')).rows as readonly { pid: number }[];
  const isRunning = async () => (await sql('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [row?.pid])).length === 1;
  const terminate = () => sql('SELECT pg_terminate_backend($1)', [row?.pid]);
  return { session, isRunning, terminate };
}

test('a statement that is late ends on the server, too, after a COMMIT that failed as after none', async () => {
  const { session, isRunning } = await impatientSession();
  // As one of a transaction that others rolled back: the connection is as good as before.
  await expect(session.commit('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
  await expect(session.command('SELECT pg_sleep(3600)')).rejects.toMatchObject({ name: 'OutOfTimeError' });
  await until(async () => !(await isRunning()), 20);
});

test('a COMMIT that is late is not cancelled', async () => {
  const { session, isRunning, terminate } = await impatientSession();
  await expect(session.commit('SELECT pg_sleep(3600)')).rejects.toMatchObject({ name: 'OutOfTimeError' });
  // One that was cancelled would be gone before another connection could ask.
  for (let looks = 0; looks < 20; looks += 1) {
    expect(await isRunning()).toBe(true);
  }
  await terminate();
});
