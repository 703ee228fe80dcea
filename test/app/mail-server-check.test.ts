import { expect, test } from 'vitest';
import { checkMailServer } from '../../src/app/mail-server-check.ts';
import { startMailServer } from '../support/mail-server.ts';

const CREDENTIALS = { user: 'auth', password: 'hush5521' };

test('doctor signs in to the mail server, and tells by a code what it is refused for', async () => {
  const server = await startMailServer({ credentials: CREDENTIALS });
  const smtp = { host: '127.0.0.1', port: server.port, tls: 'none', credentials: CREDENTIALS } as const;
  expect(await checkMailServer({ smtp: null })).toEqual([]);
  expect(await checkMailServer({ smtp })).toMatchObject([{ check: 'mail server', ok: true }]);
  const wrong = { ...smtp, credentials: { ...CREDENTIALS, password: 'wrong5521' } };
  const [refused] = await checkMailServer({ smtp: wrong });
  expect(refused).toMatchObject({ ok: false, detail: expect.stringContaining('535') });
  expect(refused?.detail).not.toMatch(/5521/);
  await server.close();
  expect(await checkMailServer({ smtp })).toMatchObject([
    { ok: false, detail: expect.stringContaining('ECONNREFUSED') },
  ]);
  expect(server.mails).toEqual([]);
});
