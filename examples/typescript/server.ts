import { AuthFlowClient, type LoginStep } from '@authflow/client';
import { authFlowErrors, requireSession } from '@authflow/client/express';
import express, { type ErrorRequestHandler, type Request, type Response } from 'express';

// Reads AUTHFLOW_ADDRESS and AUTHFLOW_API_KEY.
const auth = new AuthFlowClient();
const app = express();

/** Where the challenge of a login waits for its second step: no script reads it. */
const CHALLENGE = 'login-challenge';
const COOKIE = {
  httpOnly: true,
  sameSite: 'strict',
  path: '/',
  secure: process.env.NODE_ENV === 'production',
} as const;

// It stands before the login too, which so tells the server of a device that had a session.
const open = ['/register', '/login', '/login/*', '/forgot-password', '/reset-password'];
app.use(requireSession(auth, { public: open }));
app.use(express.json());

app.post('/register', async (request, response) => {
  const { email, password, fullname } = fields(request);
  // The page with the form showed the terms.
  const user = await auth.signUp({ email, password, fullname, disclaimed: true, ...visitor(request) });
  response.status(201).json(user);
});

app.post('/login', async (request, response) => {
  const { email, password } = fields(request);
  answer(response, await auth.loginStep({ email, password, ...visitor(request) }));
});

// The second step: the page asks for what one of the `methods` takes, `totp`, `email` or `recovery`.
app.post('/login/code', async (request, response) => {
  const { method, code } = fields(request);
  const login = { challenge: challengeOf(request), ...visitor(request) };
  if (method === 'email') {
    answer(response, await auth.verifyEmailCode({ ...login, code }));
  } else if (method === 'recovery') {
    answer(response, await auth.verifyRecoveryCode({ ...login, recoveryCode: code }));
  } else {
    answer(response, await auth.verifyTotp({ ...login, code }));
  }
});

app.post('/login/mail', async (request, response) => {
  await auth.sendEmailCode({ challenge: challengeOf(request), ...visitor(request) });
  response.sendStatus(204);
});

// The answer is the same for everybody: nobody learns who has an account. The mail's link leads to your page, or the
// server's own.
app.post('/forgot-password', async (request, response) => {
  const { email } = fields(request);
  await auth.forgotPassword({ email, ...visitor(request) });
  response.sendStatus(204);
});

// By the token of a mail, or where a login demands another password by its challenge.
app.post('/reset-password', async (request, response) => {
  const { token, password, currentPassword } = fields(request);
  const by = token === '' ? { token: challengeOf(request), currentPassword } : { token };
  await auth.resetPassword({ ...by, newPassword: password, ...visitor(request) });
  response.sendStatus(204);
});

app.get('/me', (request, response) => {
  response.json(request.authUser);
});

// Sets an authenticator app up: the page shows the QR code, and the recovery codes once the first code came.
app.post('/second-factor', async ({ sessionToken = '' }, response) => {
  const { secret, qrCode } = await auth.enableTotp({ sessionToken });
  response.json({ secret, qr_code: qrCode });
});

app.post('/second-factor/confirm', async (request, response) => {
  const { sessionToken = '' } = request;
  const { recoveryCodes } = await auth.confirmTotp({ sessionToken, code: fields(request).code });
  response.json({ recovery_codes: recoveryCodes });
});

app.post('/logout', async ({ sessionToken = '' }, response) => {
  await auth.logout({ sessionToken });
  response.sendStatus(204);
});

app.use(authFlowErrors());
app.use(((error, _request, response, next) => {
  if (error instanceof SyntaxError) {
    response.status(400).json({ statusCode: 400, error: 'INVALID_ARGUMENT', message: 'The body must be JSON.' });
  } else {
    next(error);
  }
}) satisfies ErrorRequestHandler);

const port = Number(process.env.PORT ?? 3000);
app.listen(port, '127.0.0.1', (error) => {
  if (error) {
    throw error;
  }
  console.log(`listening on ${port}`);
});

/** Answers with the session, or with what the login needs beside the challenge. */
function answer(response: Response, step: LoginStep): void {
  if ('challenge' in step) {
    const { reason, challenge, methods, expiresAt } = step;
    const statusCode = reason === 'SECOND_FACTOR_REQUIRED' ? 401 : 403;
    response.cookie(CHALLENGE, challenge, { ...COOKIE, expires: expiresAt });
    response.status(statusCode).json({ statusCode, error: reason, message: 'The login goes on.', methods });
    return;
  }
  response.clearCookie(CHALLENGE, COOKIE).json({
    token: step.token,
    user_id: step.userId,
    email: step.email,
    fullname: step.fullname,
    expires_at: step.expiresAt,
  });
}

function challengeOf({ headers: { cookie = '' } }: Request): string {
  return cookie.match(`(?:^|; )${CHALLENGE}=([^;]*)`)?.[1] ?? '';
}

type Field = 'email' | 'password' | 'currentPassword' | 'fullname' | 'token' | 'method' | 'code';

/** What is missing, or no text, is empty: the server tells which. */
function fields({ body }: Request): Record<Field, string> {
  const text = (name: string) => (typeof body?.[name] === 'string' ? body[name] : '');
  return {
    email: text('email'),
    password: text('password'),
    currentPassword: text('currentPassword'),
    fullname: text('fullname'),
    token: text('token'),
    method: text('method'),
    code: text('code'),
  };
}

/** Who sits in front of this backend. */
function visitor(request: Request): { clientIp: string | undefined; userAgent: string | undefined } {
  return { clientIp: request.ip, userAgent: request.get('user-agent') };
}
