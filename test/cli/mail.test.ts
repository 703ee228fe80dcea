import { describe, expect, test } from 'vitest';
import { openAdministration } from '../../src/app/administration.ts';
import { openCore } from '../../src/app/core.ts';
import { startMail } from '../../src/app/mail.ts';
import { readSettings } from '../../src/config/settings.ts';
import { requestMail } from '../../src/domain/mail/request-mail.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { RepeatedLines } from '../../src/observability/repeated-lines.ts';
import { tokenIn } from '../mail/mail-stand.ts';
import { addOrganization, addUser } from '../storage/fixtures.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { storeOfTest } from '../support/stores.ts';
import { runHere } from './captured-terminal.ts';

const NO_MAIL = '00000000-0000-7000-8000-000000000000';

describe('mail', () => {
  test('list and show let a newcomer finish a flow without a mail server, and the audit log tells of it', async () => {
    const { env, email } = await storeWithKeptMail();
    const listed = await runHere(['mail', 'list', '--json'], env);
    const [row] = JSON.parse(listed.stdout);
    expect(row).toMatchObject({ kind: 'reset_password', state: 'kept', fault: 'no_mail_server' });
    expect(listed.stdout).not.toContain(email);
    const shown = await runHere(['mail', 'show', row.mail_id], env);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toContain(`http://127.0.0.1:8080/account/reset-password?token=`);
    expect(shown.stdout).toContain(email);
    const asJson = JSON.parse((await runHere(['mail', 'show', row.mail_id, '--json'], env)).stdout);
    expect(asJson).toMatchObject({ to: email, subject: expect.stringContaining('password'), kind: 'reset_password' });
    const administration = await openAdministration(readSettings(env));
    try {
      expect(administration.ports.mailTokens.read(tokenIn(asJson.text))).toMatchObject({ kind: 'reset_password' });
      expect(asJson.link).toBe(`http://127.0.0.1:8080/account/reset-password?token=${tokenIn(asJson.text)}`);
    } finally {
      await administration.close();
    }
    const audit = await runHere(['audit', '--type', 'mail.shown', '--json'], env);
    expect(audit.stdout.trim().split('\n')).toHaveLength(2);
  });

  test('retry queues a mail, and none that is not there is shown or sent', async () => {
    const { env } = await storeWithKeptMail();
    const [row] = JSON.parse((await runHere(['mail', 'list', '--json'], env)).stdout);
    const retried = await runHere(['mail', 'retry', row.mail_id, '--json'], env);
    expect(JSON.parse(retried.stdout)).toMatchObject({ mail_id: row.mail_id, state: 'waiting', attempts: 0 });
    for (const command of ['show', 'retry']) {
      expect(await runHere(['mail', command, NO_MAIL], env)).toMatchObject({
        stdout: '',
        stderr: expect.stringContaining(NO_MAIL),
      });
      expect((await runHere(['mail', command, 'x'], env)).code).not.toBe(0);
    }
  });
});

/** A store whose only mail nobody sends. */
async function storeWithKeptMail() {
  const { environment } = await storeOfTest();
  const env = { ...environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN };
  const settings = readSettings(env);
  const core = await openCore(settings, { makeStore: true });
  const logger = createLogger({ level: 'error', destination: { write: () => undefined } });
  const repeated = new RepeatedLines(logger);
  const { ports } = core;
  const org = await addOrganization(ports.storage);
  const { email } = await addUser(ports.storage, org);
  await requestMail(ports, { kind: 'reset_password', orgId: org.orgId, email, callerClass: 'private_key' });
  const sender = startMail({ settings, core, logger, repeated, httpPort: 8080 });
  await expect.poll(() => ports.storage.listMails(null, { after: null, limit: 10 })).toMatchObject([{ state: 'kept' }]);
  await sender.stop();
  repeated.close();
  await core.close();
  return { env, email };
}
