import { expect, test } from 'vitest';
import { rotateSecret } from '../../src/app/secret-rotation.ts';
import { readSettings } from '../../src/config/settings.ts';
import { addUser } from '../storage/fixtures.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { startMailServer } from '../support/mail-server.ts';
import { newSqliteStore } from '../support/stores.ts';
import { mailStand } from './mail-stand.ts';

/** No other process works on the store. */
const NO_PAUSE = async () => undefined;

test('mails that wait are sealed anew with the secret, and requests are answered under the old one', async () => {
  const stand = await mailStand(newSqliteStore());
  const server = await startMailServer();
  const other = await addUser(stand.core.ports.storage, stand.org);
  await stand.queueReset(stand.user);
  await stand.request(other.email);
  const report = await rotateSecret(settingsOf(stand.store.environment), {
    compromised: false,
    pause: NO_PAUSE,
  });
  expect(report.resealed).toMatchObject({ mails: 1 });
  await stand.core.followStore();
  stand.send({ port: server.port });
  await expect
    .poll(() => server.mails.flatMap(({ to }) => to).toSorted())
    .toEqual([stand.user.email, other.email].toSorted());
});

test('what was sealed under a secret that is compromised is not believed: it is given up, and nothing goes out', async () => {
  const stand = await mailStand(newSqliteStore());
  const server = await startMailServer();
  const other = await addUser(stand.core.ports.storage, stand.org);
  await stand.queueReset(stand.user);
  await stand.request(other.email);
  await rotateSecret(settingsOf(stand.store.environment), { compromised: true, pause: NO_PAUSE });
  await stand.core.followStore();
  stand.send({ port: server.port });
  await expect.poll(() => stand.mails()).toMatchObject([{ state: 'failed', fault: 'unreadable' }]);
  await expect.poll(() => stand.core.ports.storage.listMailRequests(10)).toEqual([]);
  expect(server.mails).toEqual([]);
});

function settingsOf(environment: Readonly<Record<string, string>>) {
  return readSettings({ ...environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN });
}
