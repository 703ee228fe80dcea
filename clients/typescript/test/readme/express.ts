import { AuthFlowClient } from '@authflow/client';
import { requireSession } from '@authflow/client/express';
import express from 'express';

const auth = new AuthFlowClient();
const app = express();
app.use(requireSession(auth, { public: ['/', '/assets/*'], onError: (error) => console.error(error) }));
app.get('/', (_request, response) => {
  response.send('Welcome.');
});
app.get('/me', (request, response) => {
  response.json(request.authUser);
});
app.post('/logout', async ({ sessionToken = '' }, response) => {
  await auth.logout({ sessionToken });
  response.sendStatus(204);
});
app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
