import { AuthFlowFetchClient } from '@authflow/client/fetch';
import { authFlowErrors, requireRole, requireSession } from '@authflow/client/web';

const auth = new AuthFlowFetchClient();
const withSession = requireSession(auth, { cookie: 'session' });
const withErrors = authFlowErrors();

export const GET = withSession((_request, { user }) => Response.json(user));

export const PUT = withSession(requireRole('auditor', 'admin')(() => new Response('Nothing to report.')));

export const DELETE = withErrors(
  withSession(async (_request, { sessionToken }) => {
    await auth.logout({ sessionToken });
    return new Response(null, { status: 204 });
  }),
);
