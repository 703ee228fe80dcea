import type { Fault } from './faulty-proxy.ts';
import type { FaultyServer } from './faulty-server.ts';
import { bodyOf, json, onReply, without } from './spoil.ts';

/** Servers that keep another contract of AccountService. */
export const FAULTY_ACCOUNTS: Readonly<Record<string, FaultyServer>> = {
  'tells whether anybody has an address that a mail is asked for': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      // Of the users of a run the first has the lowest number, and nobody else is mailed.
      const isKnown = /-1@example\.com$/.test(String(bodyOf(request).email));
      return request.path === '/auth/forgot-password' && reply.status === 200 && !isKnown
        ? json({ ...reply, status: 404 }, { statusCode: 404, error: 'USER_NOT_FOUND', message: 'Nobody has it.' })
        : reply;
    },
    found: ['asking for a mail tells nobody whose the address is'],
  },
  'tells the caller what it mails': {
    fault: onReply('/auth/resend-verify-email', (reply, body) =>
      reply.status === 200 ? json(reply, { ...body, token: 'told' }) : reply,
    ),
    found: ['asking for a mail tells nobody whose the address is'],
  },
  'takes any token for that of a mail': {
    fault: onReply('/auth/reset-password', (reply, body) =>
      body.error === 'TOKEN_INVALID'
        ? json({ ...without(reply, 'www-authenticate'), status: 200 }, { statusCode: 200, message: 'Done.' })
        : reply,
    ),
    found: ['TOKEN_INVALID: what no mail holds'],
  },
  'looks at the token of a mail before the password policy': {
    fault: onReply('/auth/reset-password', (reply, body) =>
      body.error === 'PASSWORD_POLICY'
        ? json({ ...reply, status: 401 }, { ...body, statusCode: 401, error: 'TOKEN_INVALID' })
        : reply,
    ),
    found: ['the password policy before the token of a mail'],
  },
  'changes an address before anybody has proven it': {
    fault: changingAddressesAtOnce(),
    found: ['changeEmail changes nothing by itself, and tells nobody whose the address is'],
  },
  'asks for no fresh proof': {
    fault: onReply('/auth/', (reply, body) =>
      body.error === 'REAUTHENTICATION_REQUIRED'
        ? json({ ...reply, status: 200 }, { statusCode: 200, message: 'Done.' })
        : reply,
    ),
    found: [
      'REAUTHENTICATION_REQUIRED: a login by a password that a session has set',
      'REAUTHENTICATION_REQUIRED: a fresh login alone, where a second factor is on',
    ],
  },
  'overlooks a wrong currentPassword where the login is fresh': {
    fault: async (request, pass) => {
      const { currentPassword, ...fields } = bodyOf(request);
      const isWrong = request.path === '/auth/deleteUser' && currentPassword === 'wrong';
      return pass(isWrong ? { ...request, path: '/auth/me', body: Buffer.from(JSON.stringify(fields)) } : request);
    },
    found: ['CREDENTIALS_INVALID: a wrong currentPassword, also where the login is fresh'],
  },
  'renews nothing': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      return request.path === '/auth/renew-session' && reply.status === 200
        ? json(reply, { ...bodyOf(reply), token: bodyOf(request).sessionToken })
        : reply;
    },
    found: ['renewSession answers another token of the same session'],
  },
  'does not say which session asks': {
    fault: onReply('/auth/sessions', (reply, { sessions, ...body }) =>
      Array.isArray(sessions)
        ? json(reply, { ...body, sessions: sessions.map(({ current: _, ...session }) => session) })
        : reply,
    ),
    found: ['listMySessions tells each session, and which of them asks'],
  },
  'ends all other sessions where one is named': {
    fault: async (request, pass) => {
      const { session_id: _, ...fields } = bodyOf(request);
      const isEnd = request.path === '/auth/end-sessions';
      return pass(isEnd ? { ...request, body: Buffer.from(JSON.stringify(fields)) } : request);
    },
    found: ['endMySessions ends the session that is named, else all others'],
    withOthers: true,
  },
  'keeps the name': {
    fault: async (request, pass) => {
      const { fullname, ...fields } = bodyOf(request);
      const isUpdate = request.path === '/auth/update-profile' && String(fullname).includes('Second');
      const reply = await pass(
        isUpdate ? { ...request, path: '/auth/me', body: Buffer.from(JSON.stringify(fields)) } : request,
      );
      return isUpdate ? json(reply, { ...bodyOf(reply), fullname: String(fullname).trim() }) : reply;
    },
    found: ['updateProfile answers as me, with the new name'],
  },
  'keeps the user whose account it deletes': {
    fault: async (request, pass) => {
      const { sessionToken } = bodyOf(request);
      const isDelete = request.path === '/auth/deleteUser';
      const reply = await pass(isDelete ? { ...request, path: '/auth/logout' } : request);
      return isDelete && reply.status === 200 && sessionToken !== undefined
        ? json(reply, { statusCode: 200, message: 'Done.', ended_sessions: 1 })
        : reply;
    },
    found: ['deleteAccount removes the user and ends the sessions'],
    withOthers: true,
  },
  'leaves what is false out of JSON': {
    entrances: ['auth-json', 'connect-json'],
    fault: onReply('/authflow.v1.AccountService/Me', (reply, { email_verified, ...body }) =>
      json(reply, email_verified === false ? body : { ...body, email_verified }),
    ),
    found: ['me tells whose session it is, with or without an e-mail'],
  },
  'takes an API key for a management key': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      const isByKey = /^Bearer af_/.test(request.headers.authorization ?? '');
      return isByKey && /^\/organizations\/[^/]+\/users$/.test(request.path)
        ? json({ ...reply, status: 200 }, { statusCode: 200, message: 'Done.', users: [] })
        : reply;
    },
    found: ['no API key and no session opens a call of management'],
  },
  'tells by Connect what management calls lack before who may make them': {
    fault: onReply('/authflow.v1.UserService/', (reply, body) =>
      json({ ...reply, status: 400 }, { ...body, code: 'invalid_argument' }),
    ),
    found: ['no API key and no session opens a call of management, by Connect'],
  },
  'takes a management key for the admin token': {
    fault: async (request, pass) => {
      const { authorization = '', ...headers } = request.headers;
      return pass(
        /^Bearer afm_/.test(authorization) && !request.path.startsWith('/auth/') ? { ...request, headers } : request,
      );
    },
    found: ['an unknown management key is API_KEY_INVALID where its kind opens a call'],
  },
  'believes the role that a caller names': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      const { role = 'user' } = bodyOf(request);
      return request.path === '/auth/me' && reply.status === 200 ? json(reply, { ...bodyOf(reply), role }) : reply;
    },
    found: ['unknown parameters, role and username are ignored'],
  },
};

/** The new address is shown as the user's from then on. */
function changingAddressesAtOnce(): Fault {
  const changed = new Map<unknown, unknown>();
  return async (request, pass) => {
    const { sessionToken, newEmail } = bodyOf(request);
    const reply = await pass(request);
    if (reply.status !== 200) {
      return reply;
    }
    if (request.path === '/auth/change-email') {
      changed.set(sessionToken, newEmail);
    }
    const email = request.path === '/auth/me' ? changed.get(sessionToken) : undefined;
    return email === undefined ? reply : json(reply, { ...bodyOf(reply), email });
  };
}
