import type { Fault } from './faulty-proxy.ts';
import type { FaultyServer } from './faulty-server.ts';
import { type Body, bodyOf, done, json, onReply, withBody } from './spoil.ts';

/** Servers that keep another contract of UserService. */
export const FAULTY_USERS: Readonly<Record<string, FaultyServer>> = {
  'creates users without their roles': {
    fault: async (request, pass) => {
      const { roles, ...fields } = bodyOf(request);
      return pass(isCreation(request) && String(roles) === 'editor,billing:read' ? withBody(request, fields) : request);
    },
    found: ['createUser answers the user, who can log in'],
  },
  'shows a user what is private to the backend': {
    fault: onReply('/auth/me', (reply, body) =>
      reply.status === 200 ? json(reply, { ...body, private_metadata: '{"crm":7}' }) : reply,
    ),
    found: ['createUser answers the user, who can log in'],
  },
  'leaves the private metadata out of what it tells later': {
    fault: onUser((user) => ({ ...user, private_metadata: '' }), 'GET'),
    found: ['getUser and listUsers tell the user as createUser did'],
  },
  'searches without regard to what is searched for': {
    fault: async (request, pass) => pass({ ...request, path: request.path.replace(/([?&])search=[^&]*/, '$1search=') }),
    found: ['getUser and listUsers tell the user as createUser did'],
  },
  'tells the first page again': {
    fault: async (request, pass) =>
      pass({ ...request, path: request.path.replace(/&page_token=[^&]+/, '&page_token=') }),
    found: ['listUsers goes through pages, and tells each user once'],
    withOthers: true,
  },
  'takes a page_token for that of another filter': {
    fault: onReply('/organizations/', (reply, body) =>
      JSON.stringify(body.violations ?? '').includes('page_token') ? done(reply.headers, { users: [] }) : reply,
    ),
    found: ['listUsers: each filter narrows, and a page_token is of one filter'],
  },
  'filters nothing': {
    fault: async (request, pass) =>
      pass({ ...request, path: request.path.replace(/&(email_verified|disabled|created_from)=(?!perhaps)[^&]*/g, '') }),
    found: ['listUsers: each filter narrows, and a page_token is of one filter'],
  },
  'changes all that it is sent': {
    fault: async (request, pass) => {
      const { update_mask: _, ...fields } = bodyOf(request);
      return pass(
        request.method === 'PATCH' && 'fullname' in fields && 'roles' in fields ? withBody(request, fields) : request,
      );
    },
    found: ['updateUser changes what update_mask names, and nothing else'],
  },
  'takes another address for proven': {
    fault: async (request, pass) => {
      const fields = bodyOf(request);
      const isMove = request.method === 'PATCH' && String(fields.update_mask) === 'email';
      const more = { update_mask: ['email', 'email_verified'], email_verified: true };
      return pass(isMove ? withBody(request, { ...fields, ...more }) : request);
    },
    found: ['updateUser: another address counts as not proven, unless the call says so'],
  },
  'gives a token that opens nothing': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      return request.path.endsWith('/mail-token') && reply.status === 200
        ? json(reply, { ...bodyOf(reply), token: 'afmt_nothing' })
        : reply;
    },
    found: [
      'createMailToken gives what verifyEmail takes',
      'a proven address is a method, unless the password was set by it',
      'require_verified_email: EMAIL_NOT_VERIFIED after the right password alone',
    ],
  },
  'tells of a second factor that nobody has': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      return request.path.endsWith('/reset-second-factor')
        ? spoiltUser(reply, (user) => ({ ...user, second_factor: true }))
        : reply;
    },
    found: [
      'unlockUser and resetSecondFactor are successes where there is nothing to do',
      'resetSecondFactor takes it off, ends all sessions, and logins need none',
    ],
  },
  'keeps the sessions of whoever loses a role': {
    fault: async (request, pass) => {
      const { update_mask, roles } = bodyOf(request);
      const isLoss = request.method === 'PATCH' && String(update_mask) === 'roles' && String(roles) === 'owner';
      return isLoss
        ? json(await pass(withBody(request, { update_mask, roles: ['editor', 'owner'] })), { ended_sessions: 1 })
        : pass(request);
    },
    found: ['updateUser: a role that is taken away ends all sessions, one that is given none'],
  },
  'sets no password': {
    fault: async (request, pass) =>
      request.path.endsWith('/password') && bodyOf(request).newPassword !== 'weak' && isKnown(request)
        ? done({}, { user: {}, ended_sessions: 1 })
        : pass(request),
    found: [
      'setPassword ends all sessions, and lets the new password in alone',
      'PASSWORD_CHANGE_REQUIRED: its challenge and the present password set another, once',
    ],
  },
  'takes a weak password of a back office': {
    fault: onReply('/organizations/', (reply, body) =>
      body.error === 'PASSWORD_POLICY' ? done(reply.headers, { user: {}, ended_sessions: 1 }) : reply,
    ),
    found: [
      'setPassword ends all sessions, and lets the new password in alone',
      'PASSWORD_POLICY: a password for a new user that is too weak',
    ],
  },
  'disables nobody': {
    fault: async (request, pass) =>
      request.path.endsWith('/disable') && isKnown(request)
        ? done({}, { user: { disabled_at: '2026-01-01T00:00:00Z' }, ended_sessions: 1 })
        : pass(request),
    found: ['disableUser refuses logins and ends all sessions; enableUser lets in again'],
  },
  'lets nobody in again': {
    fault: async (request, pass) =>
      request.path.endsWith('/enable') && isKnown(request) ? done({}, { user: {} }) : pass(request),
    found: ['disableUser refuses logins and ends all sessions; enableUser lets in again'],
  },
  'ends all sessions of a user where one is named': {
    fault: async (request, pass) =>
      pass({ ...request, path: request.path.replace(/(\/users\/[^/]+\/sessions)\/(?!none)[^/]+$/, '$1') }),
    found: ['listUserSessions tells each session; endUserSessions ends one, or all'],
  },
  'keeps sessions from a back office': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      const { sessions, ...body } = bodyOf(reply);
      return Array.isArray(sessions) && request.path.startsWith('/organizations/')
        ? json(reply, { ...body, sessions: sessions.slice(1) })
        : reply;
    },
    found: ['listUserSessions tells each session; endUserSessions ends one, or all'],
  },
  'does not say who stands in for a user': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      const { sessions, ...body } = bodyOf(reply);
      return Array.isArray(sessions) && request.path.startsWith('/organizations/')
        ? json(reply, { ...body, sessions: sessions.map((session) => ({ ...session, actor: '' })) })
        : reply;
    },
    found: ['impersonate opens Validate, Me and Logout alone, and says who asked'],
  },
  'lets who stands in for a user change the account': {
    fault: onReply('/auth/', (reply, body) => (body.error === 'ACCESS_DENIED' ? done(reply.headers, {}) : reply)),
    found: [
      'impersonate opens Validate, Me and Logout alone, and says who asked',
      'sendLoginCode answers everybody alike: ACCESS_DENIED, or with a challenge',
      'login_by_email off: sendLoginCode is ACCESS_DENIED',
    ],
  },
  'stands in for a user for as long as it likes': {
    fault: async (request, pass) => {
      const fields = bodyOf(request);
      return pass(fields.ttl_seconds === 60 ? withBody(request, { ...fields, ttl_seconds: 3_600 }) : request);
    },
    found: ['impersonate opens Validate, Me and Logout alone, and says who asked'],
  },
  'deletes nobody': {
    fault: async (request, pass) =>
      request.method === 'DELETE' && /\/users\/[^/]+$/.test(request.path) && isKnown(request)
        ? done({}, { ended_sessions: 1 })
        : pass(request),
    found: ['deleteUser removes the user, and the e-mail is free for another'],
    withOthers: true,
  },
  'lets an API key set passwords': {
    fault: async (request, pass) => {
      const isByKey = /^Bearer af_/.test(request.headers.authorization ?? '');
      return request.path.startsWith('/organizations/') &&
        request.path.endsWith('/password') &&
        isByKey &&
        !isNowhere(request)
        ? done({}, {})
        : pass(request);
    },
    found: ['each call is ADMIN_TOKEN_INVALID without a management key'],
  },
  'takes a management key that nobody made': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      return request.path.endsWith('/impersonate') && bodyOf(reply).error === 'API_KEY_INVALID' && !isNowhere(request)
        ? done(reply.headers, {})
        : reply;
    },
    found: ['each call is API_KEY_INVALID by an unknown management key'],
  },
  'lets a management key into another organization': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      return isNowhere(request) && bodyOf(reply).error === 'API_KEY_INVALID' ? done(reply.headers, {}) : reply;
    },
    found: ['the management key opens no other organization'],
  },
  'takes a user whom nobody knows for a success': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      return request.path.endsWith('/unlock') && reply.status === 404 ? done(reply.headers, { user: {} }) : reply;
    },
    found: ['USER_NOT_FOUND: a user whom nobody knows'],
  },
  'calls a taken e-mail a bad parameter': {
    fault: onReply('/organizations/', (reply, body) =>
      body.error === 'USER_EXISTS' ? json({ ...reply, status: 400 }, { ...body, error: 'INVALID_ARGUMENT' }) : reply,
    ),
    found: ['USER_EXISTS: an e-mail that another user has'],
  },
  'does not say which parameter of a user is not good': {
    fault: onReply('/organizations/', (reply, { violations: _, ...body }) => json(reply, body)),
    found: [
      'updateOrganization tells the settings of logins, and takes no other word for one',
      'listUsers: each filter narrows, and a page_token is of one filter',
      'INVALID_ARGUMENT names the parameters that are not good',
    ],
  },
};

const NOBODY = '00000000-0000-4000-8000-000000000000';

type Request = Parameters<Fault>[0];
type Reply = Awaited<ReturnType<Fault>>;

/** About an organization that is not there. */
function isNowhere({ path }: Request): boolean {
  return path.startsWith(`/organizations/${NOBODY}`);
}

/** About a user who is there. */
function isKnown({ path, headers }: Request): boolean {
  return !path.includes(NOBODY) && !path.includes('/users/nobody') && /^Bearer afm_/.test(headers.authorization ?? '');
}

function isCreation({ method, path }: Request): boolean {
  return method === 'POST' && /^\/organizations\/[^/]+\/users$/.test(path);
}

/** Spoils what is told of a user, in replies to this method. */
function onUser(spoil: (user: Body) => Body, ofMethod: string): Fault {
  return async (request, pass) => {
    const reply = await pass(request);
    return request.method === ofMethod && request.path.startsWith('/organizations/') ? spoiltUser(reply, spoil) : reply;
  };
}

function spoiltUser(reply: Reply, spoil: (user: Body) => Body): Reply {
  const { user, ...body } = bodyOf(reply);
  return typeof user === 'object' ? json(reply, { ...body, user: spoil(user as Body) }) : reply;
}
