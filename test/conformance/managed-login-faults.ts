import type { Fault } from './faulty-proxy.ts';
import type { FaultyServer } from './faulty-server.ts';
import { bodyOf, done, json, onReply, withBody } from './spoil.ts';

/** Servers that keep another contract of logins of which a back office has said something. Settings can be put back behind each. */
export const FAULTY_MANAGED_LOGINS: Readonly<Record<string, FaultyServer>> = {
  'lets in whoever must change the password': {
    fault: async (request, pass) => {
      const { must_change: _, ...fields } = bodyOf(request);
      return pass(request.path.endsWith('/password') && _ === true ? withBody(request, fields) : request);
    },
    found: ['PASSWORD_CHANGE_REQUIRED: its challenge and the present password set another, once'],
  },
  'sets another password by a challenge alone': {
    fault: onReply('/auth/reset-password', (reply, body) =>
      body.error === 'CREDENTIALS_INVALID' ? done(reply.headers, {}) : reply,
    ),
    found: ['PASSWORD_CHANGE_REQUIRED: its challenge and the present password set another, once'],
  },
  'offers the mailbox that has set the password': {
    fault: offeringMailboxes(),
    found: ['a proven address is a method, unless the password was set by it'],
  },
  'resets no second factor': {
    fault: async (request, pass) => {
      const isReset =
        request.path.endsWith('/reset-second-factor') && /^Bearer afm_/.test(request.headers.authorization ?? '');
      if (!isReset) {
        return pass(request);
      }
      const path = request.path.replace('/reset-second-factor', '');
      const reply = await pass({ ...request, method: 'GET', path, body: Buffer.alloc(0) });
      const { user, ...body } = bodyOf(reply);
      return typeof user === 'object' && (user as Record<string, unknown>).second_factor === true
        ? json(reply, { ...body, user: { ...user, second_factor: false }, ended_sessions: 1 })
        : pass(request);
    },
    found: ['resetSecondFactor takes it off, ends all sessions, and logins need none'],
  },
  'takes any word for a setting': {
    fault: onReply('/organizations/', (reply, body) =>
      JSON.stringify(body.violations ?? '').includes('second_factor') ? done(reply.headers, { settings: {} }) : reply,
    ),
    found: ['updateOrganization tells the settings of logins, and takes no other word for one'],
  },
  'switches no login by mail on': {
    fault: async (request, pass) => {
      const { login_by_email, ...fields } = bodyOf(request);
      const isChange = request.method === 'PATCH' && login_by_email === true;
      const reply = await pass(isChange ? withBody(request, { ...fields, login_by_email: false }) : request);
      const { settings, ...body } = bodyOf(reply);
      return isChange && typeof settings === 'object'
        ? json(reply, { ...body, settings: { ...settings, login_by_email: true } })
        : reply;
    },
    found: [
      'updateOrganization tells the settings of logins, and takes no other word for one',
      'login_by_email: anybody is sent a code, and five are tried',
    ],
  },
  'switches no login by mail off': {
    fault: onReply('/auth/login-code', (reply, body) =>
      body.error === 'ACCESS_DENIED'
        ? done(reply.headers, { challenge: 'challenge', expires_at: '2026-01-01T00:00:00Z' })
        : reply,
    ),
    found: ['login_by_email off: sendLoginCode is ACCESS_DENIED'],
  },
  'tells who has no address by the code that it takes': {
    fault: refusingNobodysCodes(),
    found: ['login_by_email: anybody is sent a code, and five are tried'],
  },
  'lets in whoever has not proven the address': {
    fault: onReply('/auth/login', (reply, body) =>
      body.error === 'EMAIL_NOT_VERIFIED' ? done(reply.headers, { token: 'a.b.c' }) : reply,
    ),
    found: ['require_verified_email: EMAIL_NOT_VERIFIED after the right password alone'],
  },
  'lets a second factor be set up before the address is proven': {
    fault: onReply('/auth/login', (reply, body) =>
      String(body.methods) === 'email,setup' ? json(reply, { ...body, methods: ['setup'] }) : reply,
    ),
    found: ['second_factor required: with a proven address a code of a mail comes before the setup'],
  },
  'opens no session where a second factor is set up by a challenge': {
    fault: onReply('/auth/2fa/verify-setup', (reply, { token, ...body }) =>
      json(reply, token ? body : { token, ...body }),
    ),
    found: ['second_factor required: whoever has none sets one up by the challenge of the login'],
  },
  'sets second factors up where the organization takes none': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      return request.path === '/auth/2fa/enable' && bodyOf(reply).error === 'SECOND_FACTOR_NOT_ENABLED'
        ? done(reply.headers, {})
        : reply;
    },
    found: ['second_factor off: nobody sets one up, and whoever has one needs it'],
  },
};

/** Whose password was reset by a mail is offered that mailbox all the same. */
function offeringMailboxes(): Fault {
  const reset = new Set<unknown>();
  return async (request, pass) => {
    const reply = await pass(request);
    const body = bodyOf(reply);
    if (request.path === '/auth/reset-password' && reply.status === 200) {
      reset.add(body.email);
    }
    const isOffered = request.path === '/auth/login' && Array.isArray(body.methods) && reset.has(bodyOf(request).email);
    return isOffered ? json(reply, { ...body, methods: ['totp', 'email', 'recovery'] }) : reply;
  };
}

/** A challenge of an address that nobody has signed up is void. */
function refusingNobodysCodes(): Fault {
  const known = new Set<unknown>();
  const refused = new Set<unknown>();
  return async (request, pass) => {
    const { email, challenge } = bodyOf(request);
    const reply = await pass(request);
    const body = bodyOf(reply);
    if (request.path === '/auth/signUp' && reply.status === 200) {
      known.add(body.email);
    }
    if (request.path === '/auth/login-code' && reply.status === 200 && !known.has(email)) {
      refused.add(body.challenge);
    }
    return request.path === '/auth/2fa/verify-email-otp' && refused.has(challenge)
      ? json({ ...reply, status: 401 }, { ...body, error: 'CHALLENGE_INVALID' })
      : reply;
  };
}
