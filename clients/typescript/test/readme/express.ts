import { AuthFlowClient } from '@authflow/client';
import { authFlowErrors, requireRole, requireSession } from '@authflow/client/express';
import express from 'express';

const auth = new AuthFlowClient();
const app = express();
app.use(requireSession(auth, { public: ['/', '/assets/*'] }));
app.get('/', (_request, response) => {
  response.send('Welcome.');
});
app.get('/me', (request, response) => {
  response.json(request.authUser);
});
app.get('/reports', requireRole('auditor', 'admin'), (_request, response) => {
  response.send('Nothing to report.');
});
app.post('/logout', async ({ sessionToken = '' }, response) => {
  await auth.logout({ sessionToken });
  response.sendStatus(204);
});
app.use(authFlowErrors());
app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
