import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ErrorInfoSchema } from '#gen/google/rpc/error_details_pb.js';
import type { Fault, ProxiedReply } from './faulty-proxy.ts';
import type { FaultyServer } from './faulty-server.ts';
import { bodyOf, done, json, onReply, without } from './spoil.ts';

const MALFORMED = 'not-a-token';

/** Servers that keep another contract of SecondFactorService. */
export const FAULTY_FACTORS: Readonly<Record<string, FaultyServer>> = {
  'has a link for authenticator apps with another secret': {
    fault: onReply('/auth/2fa/enable', (reply, body) =>
      reply.status === 200
        ? json(reply, {
            ...body,
            otpauth_url: String(body.otpauth_url).replace(/secret=[^&]+/, `secret=${'A'.repeat(32)}`),
          })
        : reply,
    ),
    found: ['enableTotp answers a secret as text, link and image, and changes nothing yet'],
  },
  'tells a second factor that nobody has confirmed': {
    fault: tellingFactorsAtOnce(),
    found: ['enableTotp answers a secret as text, link and image, and changes nothing yet'],
  },
  'gives nine recovery codes': {
    fault: onReply('/auth/2fa/', (reply, body) =>
      Array.isArray(body.recovery_codes)
        ? json(reply, { ...body, recovery_codes: body.recovery_codes.slice(1) })
        : reply,
    ),
    found: ['confirmTotp takes a code of the secret, and answers ten recovery codes'],
    withOthers: true,
  },
  'keeps the sessions of whoever has another second factor': {
    fault: keepingOtherSessions(),
    found: [
      'confirmTotp takes a code of the secret, and answers ten recovery codes',
      'disableTotp takes a code, ends the other sessions, and logins need none',
    ],
  },
  'tells methods as text beside error': {
    fault: onReply('/auth/login', (reply, body) =>
      Array.isArray(body.methods) ? json(reply, { ...body, methods: body.methods.join(',') }) : reply,
    ),
    found: ['SECOND_FACTOR_REQUIRED brings challenge, methods and expires_at'],
    withOthers: true,
  },
  'tells when a challenge expires in milliseconds, in ErrorInfo': {
    entrances: ['auth-json', 'connect-json'],
    fault: onReply('/authflow.v1.AuthService/Login', (reply, body) =>
      Array.isArray(body.details) ? json(reply, { ...body, details: body.details.map(withMilliseconds) }) : reply,
    ),
    found: ['SECOND_FACTOR_REQUIRED brings challenge, methods and expires_at'],
    withOthers: true,
  },
  'takes a code of an authenticator app twice': {
    fault: answeringAgain('/auth/2fa/verify-2fa', 'CODE_INVALID', ({ code }) => code),
    found: ['verifyTotp opens a session, and each code is good once'],
  },
  'takes a challenge twice': {
    fault: answeringAgain('/auth/2fa/verify-2fa', 'CHALLENGE_INVALID', ({ challenge }) => challenge),
    found: ['CHALLENGE_INVALID: malformed, forged, spent, or not for this method'],
  },
  'takes a recovery code twice': {
    fault: answeringAgain('/auth/2fa/verify-recovery', 'CODE_INVALID', ({ recovery_code }) =>
      String(recovery_code).replaceAll('-', '').toUpperCase(),
    ),
    found: ['verifyRecoveryCode takes a code in any spelling, once'],
  },
  'takes recovery codes in one spelling alone': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      const isOther = /^[0-9a-z]{16}$/.test(String(bodyOf(request).recovery_code));
      return request.path === '/auth/2fa/verify-recovery' && isOther && reply.status === 200
        ? json({ ...reply, status: 401 }, { statusCode: 401, error: 'CODE_INVALID', message: 'The code is wrong.' })
        : reply;
    },
    found: ['verifyRecoveryCode takes a code in any spelling, once'],
    withOthers: true,
  },
  'counts no tries at a challenge': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      const isLate = bodyOf(reply).error === 'CHALLENGE_INVALID' && bodyOf(request).challenge !== MALFORMED;
      return request.path === '/auth/2fa/verify-recovery' && isLate ? done(reply.headers, {}) : reply;
    },
    found: ['a challenge takes five tries over all methods, and spends no code after them'],
  },
  'mails a code to whom it offers none': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      const isOther = bodyOf(reply).error === 'CHALLENGE_INVALID' && bodyOf(request).challenge !== MALFORMED;
      return request.path === '/auth/2fa/backup/email' && isOther
        ? done(reply.headers, { expires_at: '2026-01-01T00:00:00Z' })
        : reply;
    },
    found: ['CHALLENGE_INVALID: malformed, forged, spent, or not for this method'],
  },
  'keeps the recovery codes of before': {
    fault: onReply('/auth/2fa/disable', (reply, body) =>
      body.error === 'CODE_INVALID' ? done(reply.headers, {}) : reply,
    ),
    found: ['regenerateRecoveryCodes takes a code, and voids those before'],
  },
  'compares letters with digits': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      return request.path.startsWith('/auth/2fa/') && bodyOf(request).code === 'abcdef'
        ? json({ ...reply, status: 401 }, { statusCode: 401, error: 'CODE_INVALID', message: 'The code is wrong.' })
        : reply;
    },
    found: ['a code of another form is INVALID_ARGUMENT'],
  },
  'takes a factor off without a code': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      const { code, sessionToken = '', api_key } = bodyOf(request);
      const isBare = code === '' && sessionToken !== '' && api_key !== 'af_short';
      return request.path === '/auth/2fa/disable' && isBare ? done(reply.headers, {}) : reply;
    },
    found: ['disableTotp takes a code, ends the other sessions, and logins need none'],
  },
  'calls a second factor that is missing a bad parameter': {
    fault: onReply('/auth/2fa/', (reply, body) =>
      body.error === 'SECOND_FACTOR_NOT_ENABLED'
        ? json({ ...reply, status: 400 }, { ...body, statusCode: 400 })
        : reply,
    ),
    found: ['SECOND_FACTOR_ALREADY_ENABLED and SECOND_FACTOR_NOT_ENABLED'],
  },
  'forgets that recovery codes are used': {
    fault: onReply('/auth/me', (reply, body) =>
      body.second_factor === true ? json(reply, { ...body, recovery_codes_left: 10 }) : reply,
    ),
    found: [
      'verifyRecoveryCode takes a code in any spelling, once',
      'a challenge takes five tries over all methods, and spends no code after them',
    ],
  },
  'tells who has no address that a code is asked for': {
    fault: async (request, pass) => {
      const reply = await pass(request);
      const isKnown = /-1@example\.com$/.test(String(bodyOf(request).email));
      return request.path === '/auth/login-code' && reply.status === 403 && !isKnown
        ? json({ ...reply, status: 404 }, { statusCode: 404, error: 'USER_NOT_FOUND', message: 'Nobody has it.' })
        : reply;
    },
    found: ['sendLoginCode answers everybody alike: ACCESS_DENIED, or with a challenge'],
  },
};

/** Answers a refused request as the one that was a success with the same. */
function answeringAgain(path: string, reason: string, keyOf: (fields: Record<string, unknown>) => unknown): Fault {
  const successes = new Map<unknown, ProxiedReply>();
  return async (request, pass) => {
    const reply = await pass(request);
    if (request.path !== path) {
      return reply;
    }
    const key = keyOf(bodyOf(request));
    if (reply.status === 200) {
      successes.set(key, reply);
    }
    return bodyOf(reply).error === reason ? (successes.get(key) ?? reply) : reply;
  };
}

/** The factor is shown while its secret waits. */
function tellingFactorsAtOnce(): Fault {
  const waiting = new Set<unknown>();
  return async (request, pass) => {
    const { sessionToken } = bodyOf(request);
    const reply = await pass(request);
    if (request.path === '/auth/2fa/enable' && reply.status === 200) {
      waiting.add(sessionToken);
    } else if (request.path === '/auth/2fa/verify-setup' && reply.status === 200) {
      waiting.delete(sessionToken);
    }
    const isWaiting = request.path === '/auth/me' && waiting.has(sessionToken);
    return isWaiting ? json(reply, { ...bodyOf(reply), second_factor: true }) : reply;
  };
}

/** Those who have confirmed a factor are shown as logged in by whatever session. */
function keepingOtherSessions(): Fault {
  const confirmed = new Set<unknown>();
  return async (request, pass) => {
    const { email } = bodyOf(request);
    const reply = await pass(request);
    if (request.path === '/auth/2fa/verify-setup' && reply.status === 200) {
      confirmed.add(email);
    }
    const isKept = request.path === '/auth/me' && bodyOf(reply).error === 'SESSION_REVOKED' && confirmed.has(email);
    return isKept
      ? json({ ...without(reply, 'www-authenticate'), status: 200 }, { statusCode: 200, message: 'Done.' })
      : reply;
  };
}

function withMilliseconds(detail: { readonly type: string; readonly value: string }): object {
  if (detail.type !== ErrorInfoSchema.typeName) {
    return detail;
  }
  const { reason, domain, metadata } = fromBinary(ErrorInfoSchema, Buffer.from(detail.value, 'base64'));
  const { expires_at = '' } = metadata;
  const spoiled = { ...metadata, ...(expires_at === '' ? {} : { expires_at: expires_at.replace('Z', '.000Z') }) };
  const info = toBinary(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain, metadata: spoiled }));
  return { ...detail, value: Buffer.from(info).toString('base64').replace(/=+$/, '') };
}
