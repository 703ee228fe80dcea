import { AuthFlowClient } from '@authflow/client';
import { authFlowErrors, requireRole, requireSession } from '@authflow/client/fastify';
import Fastify from 'fastify';

const auth = new AuthFlowClient();
const app = Fastify();
app.setErrorHandler(authFlowErrors());
app.get('/me', { onRequest: requireSession(auth) }, async (request) => request.authUser);
app.get('/reports', { onRequest: [requireSession(auth), requireRole('auditor', 'admin')] }, () => 'Nothing to report.');
app.post('/logout', { onRequest: requireSession(auth) }, async ({ sessionToken = '' }, reply) => {
  await auth.logout({ sessionToken });
  return reply.code(204).send();
});
await app.listen({ port: Number(process.env.PORT ?? 3000) });
