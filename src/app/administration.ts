import type { Settings } from '../config/settings.ts';
import { createAdminToken } from '../crypto/admin-token.ts';
import { type SigningKeyState, signingKeyStates } from '../crypto/signing-key-states.ts';
import { cliOrigin } from '../domain/audit/audit-event.ts';
import type { Ports } from '../domain/ports.ts';
import { ownerOf } from '../storage/file-owner.ts';
import { openCore } from './core.ts';
import { dataPaths, replaceSecretFile } from './data-directory.ts';
import { type ShownMail, showMail } from './mail.ts';
import { ownFile } from './own-file.ts';
import { StartError } from './start-error.ts';

/** What an administrator does at the machine itself: the rules over the open store, without a server. */
export interface Administration {
  readonly ports: Ports;
  /** A mail as it would go out now, with a token that is good from now on; puts down in the audit log that it was shown. */
  showMail(mailId: string): Promise<ShownMail>;
  /** Adds a signing key; `compromised` retires all others at once, which ends every session. */
  rotateSigningKey(options: { readonly compromised: boolean }): Promise<SigningKeyState>;
  listSigningKeys(): Promise<readonly SigningKeyState[]>;
  /** Replaces the admin token in its file; running servers refuse the old one from the next call on. */
  rotateAdminToken(): Promise<{ readonly path: string }>;
  close(): Promise<void>;
}

/** Opens the store beside running servers. Never makes one: throws StoreMissingError with the path it looked at. */
export async function openAdministration(settings: Settings): Promise<Administration> {
  const core = await openCore(settings, { makeStore: false, originAt: cliOrigin });
  const { ports, keyring, close } = core;
  const listSigningKeys = async () => {
    await keyring.load();
    const { damagedKeyIds } = keyring;
    return signingKeyStates(await ports.storage.listSigningKeys(), { damagedKeyIds, now: ports.clock.now() });
  };
  return {
    ports,
    listSigningKeys,
    showMail: (mailId) => showMail(settings, core, mailId),
    async rotateSigningKey(options) {
      const kid = await keyring.rotate(options);
      const made = (await listSigningKeys()).find((key) => key.kid === kid);
      if (made === undefined) {
        throw new Error('The signing key that was made is not in the store.');
      }
      return made;
    },
    async rotateAdminToken() {
      const { adminTokenFile } = dataPaths(settings.dataDir);
      if (settings.adminToken !== null) {
        throw new StartError(
          'The admin token comes from AUTHFLOW_ADMIN_TOKEN, or the file that AUTHFLOW_ADMIN_TOKEN_FILE names: change it there, on ' +
            'every node, and start the servers again.',
        );
      }
      const { file } = ownFile(settings, 'The admin token is a setting where the store is on PostgreSQL.');
      replaceSecretFile(adminTokenFile, createAdminToken(), ownerOf(file, adminTokenFile));
      return { path: adminTokenFile };
    },
    close,
  };
}
