import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Administration, openAdministration } from '../../src/app/administration.ts';
import { readSettings } from '../../src/config/settings.ts';
import { readNewPassword, setPassword } from '../../src/domain/users/set-password.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import {
  closeOrganization,
  createApiKey,
  createOrganization,
  disableUser,
  enableUser,
  reopenOrganization,
  revokeApiKey,
} from '../support/asked.ts';
import { newStore, type TestStore } from '../support/stores.ts';
import { times } from '../support/times.ts';
import { Backend, PASSWORD, type Reply, send, tally } from './backend.ts';
import { ANSWERS, EMAIL, MOVED, mailToken, type RacedUser, type Scene } from './races.ts';
import { type ServerProcess, startServerProcessOfFile } from './server-process.ts';

const CHANGED = 'Another-Horse-8';
const GIVEN = 'Difference-1822';
const RACES = times(30, { beside: 12 });
/** An ending begins after so many round trips to the server at most: by then a call is answered. */
const LATEST = 10;
/** Of each call around accounts, for each ending. */
const ACCOUNT_RACES = times(LATEST, { beside: 5 });

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
  async end({ ports, orgId, racingKeyId, managingKeyId }) {
    for (const keyId of [managingKeyId, racingKeyId]) {
      await revokeApiKey(ports, { orgId, keyId, endSessions: true });
    }
  },
};
const CLOSED: Ending = {
  name: 'its organization is closed',
  refused: ['API_KEY_INVALID'],
  end: ({ ports, orgId }) => closeOrganization(ports, { orgId }),
  undo: ({ ports, orgId }) => reopenOrganization(ports, { orgId }),
};
const DISABLED: Ending = {
  name: 'its user is disabled',
  refused: ['USER_DISABLED'],
  end: ({ ports, orgId }) => disableUser(ports, { orgId, user: EMAIL }),
};
const CHANGED_PASSWORD: Ending = {
  name: 'its password is changed',
  refused: ['CREDENTIALS_INVALID'],
  end: ({ ports, orgId }) =>
    setPassword(ports, readNewPassword({ orgId, user: EMAIL, newPassword: CHANGED }, ports.rules)),
};

const RETIRED: Ending = {
  name: 'the signing keys are retired',
  // A call under way is signed by the next one.
  refused: [],
  end: () => administration.rotateSigningKey({ compromised: true }),
};

async function newScene(): Promise<Scene> {
  const { httpAddress } = server;
  const { ports } = administration;
  const { organization, apiKey } = await createOrganization(ports, { name: `Acme ${ports.ids.uuidV4()}` });
  const { orgId } = organization;
  const racing = await createApiKey(ports, { orgId, label: '', inTokens: false });
  const management = { orgId, label: '', inTokens: false, kind: 'management', impersonate: true };
  const managing = await createApiKey(ports, management);
  return {
    httpAddress,
    store,
    ports,
    orgId,
    racing: new Backend(httpAddress, racing.apiKey),
    racingKeyId: racing.key.keyId,
    managing: managing.apiKey,
    managingKeyId: managing.key.keyId,
    beside: new Backend(httpAddress, apiKey),
  };
}

/** A server in a process of its own, and another process of its store: this one. */
let store: TestStore;
let server: ServerProcess;
let administration: Administration;

beforeAll(async () => {
  store = await newStore();
  server = await startServerProcessOfFile(store);
  const settings = readSettings({ ...store.environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN });
  administration = await openAdministration({ ...settings, bcryptCost: 4 });
});

afterAll(async () => {
  await administration.close();
  await server.end('SIGTERM');
  await store.remove();
});

/** Makes the call, and the ending some time after it; the reply once both are answered. */
async function race(turn: number, { httpAddress }: Scene, call: () => Promise<Reply>, end: () => Promise<unknown>) {
  const reply = call();
  for (let asked = turn % LATEST; asked > 0; asked -= 1) {
    await send(httpAddress, '/healthz', { method: 'GET' });
  }
  await end();
  return reply;
}

test.each<Ending>([REVOKED_KEY, CLOSED, DISABLED, CHANGED_PASSWORD])(
  `S4: of ${RACES} logins in flight while $name in another process none leaves a token that is accepted`,
  async ({ refused, end, undo }) => {
    const outcomes: string[] = [];
    for (let turn = 0; turn < RACES; turn += 1) {
      const scene = await newScene();
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
    const outcomes: string[] = [];
    for (let turn = 0; turn < RACES; turn += 1) {
      const scene = await newScene();
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

/** A call around accounts, made with what an ending takes away. */
interface AccountCall {
  readonly name: string;
  readonly endings: readonly Ending[];
  /** Makes ready what the call stands on; gives the call. */
  prepare(scene: Scene, user: RacedUser): Promise<() => Promise<Reply>>;
  /** What is left of it once both are answered, and the ending undone: the only right words for a success and for a refusal. */
  left(scene: Scene, reply: Reply): Promise<string>;
  readonly leftOf: { readonly success: string; readonly refusal: string };
}

/** An ending, as another kind of call is told of it. */
const toldAs = (ending: Ending, ...refused: readonly string[]): Ending => ({ ...ending, refused });

const manage = ({ httpAddress, orgId, managing }: Scene, path: string, body: object) =>
  send(httpAddress, `/organizations/${orgId}/users${path}`, { body, headers: { authorization: `Bearer ${managing}` } });

/** Whether a session that was handed out opens anything, and whether there is another one. */
async function liveSessionsOf({ ports, orgId }: Scene): Promise<string> {
  const live = await ports.storage.listSessions(orgId, null, { limit: 100, after: null });
  return `${live.filter(({ revokedAt }) => revokedAt === null).length} live sessions`;
}

const NONE_LIVE = { success: '0 live sessions, SESSION_REVOKED', refusal: '0 live sessions' };

async function deadSession(scene: Scene, reply: Reply): Promise<string> {
  const live = await liveSessionsOf(scene);
  return reply.outcome === 'OK'
    ? `${live}, ${(await scene.beside.validate(EMAIL, reply.field('token'))).outcome}`
    : live;
}

async function openedBy({ beside }: Scene, passwords: readonly string[]): Promise<string> {
  const opened: string[] = [];
  for (const password of passwords) {
    opened.push((await beside.login(EMAIL, password)).outcome);
  }
  return opened.join(' ');
}

/** The token of a retired key opens nothing once every process has read of that, a second later (K2); that of the next key does. */
async function tokenOfLiveKey(scene: Scene, reply: Reply): Promise<string> {
  const token = reply.field('token');
  const kidOf = () => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid as string;
  const retired = (await administration.listSigningKeys()).filter(({ state }) => state === 'retired');
  const isRetired = retired.some(({ kid }) => kid === kidOf());
  const validate = async () => (await scene.beside.validate(EMAIL, token)).outcome;
  await expect.poll(validate).toBe(isRetired ? 'SESSION_INVALID' : 'OK');
  return 'a token of the next key, or of none';
}

/** By the key of the race: what was ended before them refuses either the key or the challenge. */
const ANSWERING_CALLS: readonly AccountCall[] = ANSWERS.flatMap(({ name, call, prepare }) => {
  const made = {
    name,
    async prepare(scene: Scene, user: RacedUser) {
      const fields = await prepare(scene, user);
      return () => scene.racing.call(call, fields);
    },
  };
  return [
    {
      ...made,
      endings: [
        toldAs(REVOKED_KEY, 'API_KEY_INVALID', 'CHALLENGE_INVALID'),
        toldAs(CLOSED, 'API_KEY_INVALID', 'CHALLENGE_INVALID'),
        toldAs(DISABLED, 'CHALLENGE_INVALID'),
        toldAs(CHANGED_PASSWORD, 'CHALLENGE_INVALID'),
      ],
      left: deadSession,
      leftOf: NONE_LIVE,
    },
    {
      ...made,
      endings: [RETIRED],
      left: tokenOfLiveKey,
      leftOf: { success: 'a token of the next key, or of none', refusal: 'no refusal' },
    },
  ];
});

const ACCOUNT_CALLS: readonly AccountCall[] = [
  ...ANSWERING_CALLS,
  {
    name: 'Impersonate',
    endings: [REVOKED_KEY, CLOSED, DISABLED, toldAs(CHANGED_PASSWORD, 'UNAVAILABLE')],
    prepare:
      async (scene, { userId }) =>
      () =>
        manage(scene, `/${userId}/impersonate`, { reason: 'A ticket' }),
    left: deadSession,
    leftOf: NONE_LIVE,
  },
  {
    name: 'RenewSession',
    endings: [
      toldAs(REVOKED_KEY, 'API_KEY_INVALID', 'SESSION_REVOKED'),
      toldAs(CLOSED, 'API_KEY_INVALID', 'SESSION_REVOKED'),
      toldAs(DISABLED, 'SESSION_REVOKED'),
      toldAs(CHANGED_PASSWORD, 'SESSION_REVOKED'),
    ],
    prepare:
      async ({ racing }, { session }) =>
      () =>
        racing.call('renew-session', { email: EMAIL, sessionToken: session }),
    left: deadSession,
    leftOf: NONE_LIVE,
  },
  {
    name: 'SetPassword',
    endings: [REVOKED_KEY, CLOSED],
    prepare:
      async (scene, { userId }) =>
      () =>
        manage(scene, `/${userId}/password`, { newPassword: GIVEN }),
    left: (scene) => openedBy(scene, [PASSWORD, GIVEN]),
    leftOf: { success: 'CREDENTIALS_INVALID OK', refusal: 'OK CREDENTIALS_INVALID' },
  },
  {
    name: 'SetPassword',
    endings: [CHANGED_PASSWORD],
    prepare:
      async (scene, { userId }) =>
      () =>
        manage(scene, `/${userId}/password`, { newPassword: GIVEN }),
    // Either may come last: one of them is the password, and no session of before is left.
    left: async (scene) => {
      const live = await liveSessionsOf(scene);
      const outcomes = (await openedBy(scene, [PASSWORD, GIVEN, CHANGED])).split(' ');
      return `${live}, ${outcomes[0]} ${outcomes.slice(1).sort().join(' ')}`;
    },
    leftOf: { success: '0 live sessions, CREDENTIALS_INVALID CREDENTIALS_INVALID OK', refusal: 'no refusal' },
  },
  {
    name: 'CreateUser',
    endings: [REVOKED_KEY, CLOSED],
    prepare: async (scene) => () => manage(scene, '', { email: 'new@example.com', fullname: 'Ada', password: GIVEN }),
    left: async ({ beside }) => (await beside.login('new@example.com', GIVEN)).outcome,
    leftOf: { success: 'OK', refusal: 'USER_NOT_FOUND' },
  },
  {
    name: 'ResetPassword',
    endings: [toldAs(CHANGED_PASSWORD, 'TOKEN_INVALID')],
    prepare: reset,
    left: (scene) => openedBy(scene, [PASSWORD, GIVEN, CHANGED]),
    leftOf: {
      success: 'CREDENTIALS_INVALID CREDENTIALS_INVALID OK',
      refusal: 'CREDENTIALS_INVALID CREDENTIALS_INVALID OK',
    },
  },
  {
    name: 'ResetPassword',
    endings: [toldAs(CLOSED, 'TOKEN_INVALID'), { ...toldAs(DISABLED, 'TOKEN_INVALID'), undo: enableAgain }],
    prepare: reset,
    left: (scene) => openedBy(scene, [PASSWORD, GIVEN]),
    leftOf: { success: 'CREDENTIALS_INVALID OK', refusal: 'OK CREDENTIALS_INVALID' },
  },
  {
    name: 'VerifyEmail that changes the address',
    endings: [
      toldAs(CLOSED, 'TOKEN_INVALID'),
      { ...toldAs(DISABLED, 'TOKEN_INVALID'), end: disableById, undo: enableAgain },
    ],
    async prepare(scene, user) {
      const token = await mailToken(scene, user, 'change_email');
      return () => send(scene.httpAddress, '/auth/verify-email', { body: { token } });
    },
    async left({ beside }) {
      return `${(await beside.login(EMAIL)).outcome} ${(await beside.login(MOVED)).outcome}`;
    },
    leftOf: { success: 'USER_NOT_FOUND OK', refusal: 'OK USER_NOT_FOUND' },
  },
];
async function reset(scene: Scene, user: { readonly userId: string }) {
  const token = await mailToken(scene, user, 'reset_password');
  return () => send(scene.httpAddress, '/auth/reset-password', { body: { token, newPassword: GIVEN } });
}

/** By whichever address the one user of a race has. */
async function onlyUser({ ports, orgId }: Scene): Promise<string> {
  const [user] = await ports.storage.listUsers(orgId, { limit: 1, after: null });
  return user?.userId ?? '';
}

async function disableById(scene: Scene): Promise<unknown> {
  return disableUser(scene.ports, { orgId: scene.orgId, user: await onlyUser(scene) });
}

async function enableAgain(scene: Scene): Promise<unknown> {
  return enableUser(scene.ports, { orgId: scene.orgId, user: await onlyUser(scene) });
}

test.each(
  ACCOUNT_CALLS.flatMap(({ endings, ...call }) =>
    endings.map((ending) => ({ call, ending, what: call.name, how: ending.name })),
  ),
)(
  `S4, A4: of ${ACCOUNT_RACES} calls of $what in flight while $how in another process each is done before it, or not at all`,
  async ({ call: { prepare, left, leftOf }, ending: { refused, end, undo } }) => {
    for (let turn = 0; turn < ACCOUNT_RACES; turn += 1) {
      const scene = await newScene();
      const userId = (await scene.racing.signUp(EMAIL)).field('user_id');
      const session = (await scene.racing.login(EMAIL)).field('token');
      const call = await prepare(scene, { userId, session });
      const reply = await race(turn * (LATEST / ACCOUNT_RACES), scene, call, () => end(scene));
      await undo?.(scene);
      expect(['OK', ...refused]).toContain(reply.outcome);
      const expected = reply.outcome === 'OK' ? leftOf.success : leftOf.refusal;
      expect({ turn, outcome: reply.outcome, left: await left(scene, reply) }).toEqual({
        turn,
        outcome: reply.outcome,
        left: expected,
      });
    }
  },
);
