import { AuthFlowClient } from '@authflow/client';
import { authFlowErrors, requireSession } from '@authflow/client/express';
import express, { type ErrorRequestHandler, type Request } from 'express';

// Reads AUTHFLOW_ADDRESS and AUTHFLOW_API_KEY.
const auth = new AuthFlowClient();
const app = express();

// It stands before the login too, which so tells the server of a device that had a session.
app.use(requireSession(auth, { public: ['/register', '/login', '/forgot-password', '/reset-password'] }));
app.use(express.json());

app.post('/register', async (request, response) => {
  const { email, password, fullname } = fields(request);
  // The page with the form showed the terms.
  const user = await auth.signUp({ email, password, fullname, disclaimed: true, ...visitor(request) });
  response.status(201).json(user);
});

app.post('/login', async (request, response) => {
  const { email, password } = fields(request);
  const session = await auth.login({ email, password, ...visitor(request) });
  response.json({
    token: session.token,
    user_id: session.userId,
    email: session.email,
    fullname: session.fullname,
    expires_at: session.expiresAt,
  });
});

// The answer is the same for everybody: nobody learns who has an account. The mail's link leads to your page, or the
// server's own.
app.post('/forgot-password', async (request, response) => {
  const { email } = fields(request);
  await auth.forgotPassword({ email, ...visitor(request) });
  response.sendStatus(204);
});

app.post('/reset-password', async (request, response) => {
  const { token, password } = fields(request);
  await auth.resetPassword({ token, newPassword: password, ...visitor(request) });
  response.sendStatus(204);
});

app.get('/me', (request, response) => {
  response.json(request.authUser);
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

/** What is missing, or no text, is empty: the server tells which. */
function fields({ body }: Request): { email: string; password: string; fullname: string; token: string } {
  const text = (name: string) => (typeof body?.[name] === 'string' ? body[name] : '');
  return { email: text('email'), password: text('password'), fullname: text('fullname'), token: text('token') };
}

/** Who sits in front of this backend. */
function visitor(request: Request): { clientIp: string | undefined; userAgent: string | undefined } {
  return { clientIp: request.ip, userAgent: request.get('user-agent') };
}
