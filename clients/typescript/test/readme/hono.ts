import { AuthFlowClient } from '@authflow/client';
import { authFlowErrors, requireSession } from '@authflow/client/hono';
import { Hono } from 'hono';

const auth = new AuthFlowClient();
export const app = new Hono()
  .get('/', (context) => context.text('Welcome.'))
  .get('/me', requireSession(auth), (context) => context.json(context.get('authUser')))
  .post('/logout', requireSession(auth), async (context) => {
    await auth.logout({ sessionToken: context.get('sessionToken') });
    return context.body(null, 204);
  });
app.onError(authFlowErrors());
