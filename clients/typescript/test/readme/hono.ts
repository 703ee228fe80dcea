import { AuthFlowClient } from '@authflow/client';
import { authFlowErrors, requireRole, requireSession } from '@authflow/client/hono';
import { Hono } from 'hono';

const auth = new AuthFlowClient();
export const app = new Hono()
  .get('/', (context) => context.text('Welcome.'))
  .get('/me', requireSession(auth), (context) => context.json(context.get('authUser')))
  .get('/reports', requireSession(auth), requireRole('auditor', 'admin'), (context) =>
    context.text('Nothing to report.'),
  )
  .post('/logout', requireSession(auth), async (context) => {
    await auth.logout({ sessionToken: context.get('sessionToken') });
    return context.body(null, 204);
  });
app.onError(authFlowErrors());
