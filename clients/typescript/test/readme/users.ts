import { AuthFlowClient } from '@authflow/client';
import { UserService } from '@authflow/stubs/authflow/v1/user_service_pb';
import { createClient } from '@connectrpc/connect';

const auth = new AuthFlowClient();
const users = createClient(UserService, auth.transport);
const headers = { authorization: `Bearer ${process.env.AUTHFLOW_MANAGEMENT_KEY}` };
const credentials = { email: 'grace@typescript.example', password: 'Analytical-1843' };
const { orgId, userId } = await auth.signUp({ ...credentials, fullname: 'Grace Hopper', disclaimed: true });
await users.updateUser({ orgId, userId, updateMask: ['roles'], roles: ['editor'] }, { headers });
const { token } = await auth.login(credentials);
console.log((await auth.validate({ sessionToken: token })).roles); // [ 'editor' ]
auth.close();
