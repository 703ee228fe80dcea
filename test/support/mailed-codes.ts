import { expect } from 'vitest';
import { type Administration, openAdministration } from '../../src/app/administration.ts';
import { readSettings } from '../../src/config/settings.ts';
import { ADMIN_TOKEN } from './admin-token.ts';
import type { TestStore } from './stores.ts';

/** Reads the mails of a store that no mail server sends, as an operator would. */
export class MailedCodes {
  readonly #administration: Administration;

  private constructor(administration: Administration) {
    this.#administration = administration;
  }

  static async of(store: TestStore): Promise<MailedCodes> {
    const settings = readSettings({ ...store.environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN });
    return new MailedCodes(await openAdministration(settings));
  }

  /** The code of the latest mail to a user; waits until the server has made it. */
  async latest(userId: string): Promise<string> {
    const { storage } = this.#administration.ports;
    const codesOf = async () =>
      (await storage.listMails(null, { after: null, limit: 200 })).filter(
        (mail) => mail.userId === userId && (mail.kind === 'login_code' || mail.kind === 'second_factor_code'),
      );
    await expect.poll(codesOf).not.toEqual([]);
    const mailId = (await codesOf()).at(-1)?.mailId ?? '';
    const text = (await this.#administration.showMail(mailId)).prepared?.message.text ?? '';
    return /^\s*(\d{6})\s*$/m.exec(text)?.[1] ?? `no code in: ${text}`;
  }

  close(): Promise<void> {
    return this.#administration.close();
  }
}
