import { expect, test } from 'vitest';
import type { PasswordHasher } from '../../src/domain/ports.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { ENTRANCES } from './matrix/entrances.ts';
import { createWorld, type World } from './matrix/world.ts';

/** What happens to a session between its check and the write after the hash, and what its caller is told. */
const CASES = [
  { title: 'grows too old', named: 'nothing', reason: 'SESSION_EXPIRED' },
  { title: 'grows too old', named: 'org_id', reason: 'SESSION_EXPIRED' },
  { title: 'is ended', named: 'nothing', reason: 'SESSION_REVOKED' },
  { title: 'is ended', named: 'org_id', reason: 'SESSION_REVOKED' },
  { title: 'loses its organization', named: 'nothing', reason: 'SESSION_REVOKED' },
  { title: 'loses its organization', named: 'org_id', reason: 'ORGANIZATION_NOT_FOUND' },
  { title: 'loses its organization', named: 'api_key', reason: 'API_KEY_INVALID' },
] as const;

const EIGHT_DAYS_MS = 8 * 24 * 60 * 60 * 1000;

test.each(CASES)(
  'a session that $title while the new password is hashed, with $named named: $reason, as a fresh call is told',
  async ({ title, named, reason }) => {
    const server = await startTestServer();
    try {
      const world = await createWorld(server);
      const { ada, acme } = world;
      const tenant = { nothing: {}, org_id: { org_id: acme.orgId }, api_key: { api_key: acme.apiKey } }[named];
      const fake = intervene(server, world, title);
      for (const { enter } of ENTRANCES) {
        const sessionToken = await world.session(ada);
        const change = { sessionToken, email: ada.email, newPassword: 'Another-one-2', ...tenant };
        const entrance = enter(server);
        fake.arm();
        expect(await entrance.call('changePassword', change, {})).toMatchObject({ reason });
        expect(await entrance.call('changePassword', change, {})).toMatchObject({ reason });
        await fake.disarm();
        entrance.close();
      }
    } finally {
      await server[Symbol.asyncDispose]();
    }
  },
);

/** Lets the case happen, to its end, before a place in the queue of hashes is taken. */
function intervene({ ports }: TestServer, { acme: { orgId }, ada }: World, title: (typeof CASES)[number]['title']) {
  const { clock, passwords, storage } = ports;
  const now = clock.now.bind(clock);
  const acquire = passwords.acquire.bind(passwords);
  let aheadMs = 0;
  let happen = async (): Promise<unknown> => undefined;
  const acquireAfter: PasswordHasher['acquire'] = async (caller, call) => {
    await happen();
    return acquire(caller, call);
  };
  Object.defineProperty(clock, 'now', { value: () => now() + aheadMs });
  Object.defineProperty(passwords, 'acquire', { value: acquireAfter });
  return {
    arm(): void {
      happen = async () => {
        switch (title) {
          case 'grows too old':
            aheadMs = EIGHT_DAYS_MS;
            break;
          case 'is ended':
            await storage.endUserSessions(orgId, ada.userId, now());
            break;
          case 'loses its organization':
            await storage.closeOrganization(orgId, now());
        }
      };
    },
    async disarm(): Promise<void> {
      happen = async () => undefined;
      aheadMs = 0;
      await storage.reopenOrganization(orgId);
    },
  };
}
