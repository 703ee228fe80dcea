import { expect, onTestFinished, test } from 'vitest';
import { type Administration, openAdministration } from '../../src/app/administration.ts';
import { readSettings } from '../../src/config/settings.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { readNewPassword, setPassword } from '../../src/domain/users/set-password.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import {
  closeOrganization,
  createApiKey,
  createOrganization,
  disableUser,
  reopenOrganization,
  revokeApiKey,
} from '../support/asked.ts';
import { storeOfTest } from '../support/stores.ts';
import { Backend, PASSWORD, type Reply, send, tally } from './backend.ts';
import { startServerProcess } from './server-process.ts';

const EMAIL = 'user@example.com';
const RACES = 30;
/** An ending begins after so many round trips to the server at most: by then a call is answered. */
const LATEST = 10;

/** An organization of one race. */
interface Scene {
  readonly httpAddress: string;
  readonly ports: Ports;
  readonly orgId: string;
  /** The key that the calls of the race are made with. */
  readonly racing: Backend;
  readonly racingKeyId: string;
  /** One that no ending is about. */
  readonly beside: Backend;
}

interface Ending {
  readonly name: string;
  readonly refused: readonly string[];
  end(scene: Scene): Promise<unknown>;
  /** So that only what was ended can refuse afterwards. */
  undo?(scene: Scene): Promise<unknown>;
}

const REVOKED_KEY: Ending = {
  name: 'its key is revoked with its sessions',
  refused: ['API_KEY_INVALID'],
  end: ({ ports, orgId, racingKeyId }) => revokeApiKey(ports, { orgId, keyId: racingKeyId, endSessions: true }),
};
const CLOSED: Ending = {
  name: 'its organization is closed',
  refused: ['API_KEY_INVALID'],
  end: ({ ports, orgId }) => closeOrganization(ports, { orgId }),
  undo: ({ ports, orgId }) => reopenOrganization(ports, { orgId }),
};

async function newScene(administration: Administration, httpAddress: string): Promise<Scene> {
  const { ports } = administration;
  const { organization, apiKey } = await createOrganization(ports, { name: `Acme ${ports.ids.uuidV4()}` });
  const { orgId } = organization;
  const racing = await createApiKey(ports, { orgId, label: '', inTokens: false });
  return {
    httpAddress,
    ports,
    orgId,
    racing: new Backend(httpAddress, racing.apiKey),
    racingKeyId: racing.key.keyId,
    beside: new Backend(httpAddress, apiKey),
  };
}

/** A server in a process of its own, and another process of its store: this one. */
async function twoProcesses(): Promise<() => Promise<Scene>> {
  const store = await storeOfTest();
  const server = await startServerProcess(store);
  const settings = readSettings({ ...store.environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN });
  const administration = await openAdministration({ ...settings, bcryptCost: 4 });
  onTestFinished(() => administration.close());
  return () => newScene(administration, server.httpAddress);
}

/** Makes the call, and the ending some time after it; the reply once both are answered. */
async function race(turn: number, { httpAddress }: Scene, call: () => Promise<Reply>, end: () => Promise<unknown>) {
  const reply = call();
  for (let asked = turn % LATEST; asked > 0; asked -= 1) {
    await send(httpAddress, '/healthz', { method: 'GET' });
  }
  await end();
  return reply;
}

test.each<Ending>([
  REVOKED_KEY,
  CLOSED,
  {
    name: 'its user is disabled',
    refused: ['USER_DISABLED'],
    end: ({ ports, orgId }) => disableUser(ports, { orgId, user: EMAIL }),
  },
  {
    name: 'its password is changed',
    refused: ['CREDENTIALS_INVALID'],
    end: ({ ports, orgId }) =>
      setPassword(ports, readNewPassword({ orgId, user: EMAIL, newPassword: 'Another-Horse-8' }, ports.rules)),
  },
])(
  `S4: of ${RACES} logins in flight while $name in another process none leaves a token that is accepted`,
  async ({ refused, end, undo }) => {
    const newRace = await twoProcesses();
    const outcomes: string[] = [];
    for (let turn = 0; turn < RACES; turn += 1) {
      const scene = await newRace();
      await scene.beside.signUp(EMAIL);
      const foobar = await scene.racing.nonce(EMAIL);
      const login = () => scene.racing.call('login', { foobar, email: EMAIL, password: PASSWORD });
      const reply = await race(turn, scene, login, () => end(scene));
      await undo?.(scene);
      if (reply.outcome === 'OK') {
        outcomes.push(`OK, then ${(await scene.beside.validate(EMAIL, reply.field('token'))).outcome}`);
      } else {
        expect(refused).toContain(reply.outcome);
        outcomes.push('refused');
      }
    }
    const { 'OK, then SESSION_REVOKED': ended = 0, refused: late = 0 } = tally(outcomes);
    expect(ended + late).toBe(RACES);
  },
);

test.each<Ending>([REVOKED_KEY, CLOSED])(
  `S4: of ${RACES} sign-ups in flight while $name in another process each makes its user before, or none`,
  async ({ refused, end, undo }) => {
    const newRace = await twoProcesses();
    const outcomes: string[] = [];
    for (let turn = 0; turn < RACES; turn += 1) {
      const scene = await newRace();
      const { ports, orgId, racing, beside } = scene;
      const foobar = await racing.nonce(EMAIL);
      const user = { foobar, email: EMAIL, password: PASSWORD, fullname: 'Ada Lovelace', disclaimed: 'true' };
      const reply = await race(
        turn,
        scene,
        () => racing.call('signUp', user),
        () => end(scene),
      );
      const made = (await ports.storage.findUserByEmail(orgId, EMAIL)) !== null;
      await undo?.(scene);
      if (reply.outcome !== 'OK') {
        expect(refused).toContain(reply.outcome);
      }
      outcomes.push(`${reply.outcome === 'OK'} ${made} ${(await beside.login(EMAIL)).outcome}`);
    }
    const { 'true true OK': before = 0, 'false false USER_NOT_FOUND': none = 0 } = tally(outcomes);
    expect(before + none).toBe(RACES);
  },
);
