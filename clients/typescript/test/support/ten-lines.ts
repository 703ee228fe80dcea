import { AuthFlowClient } from '@authflow/client';

const { AUTHFLOW_GRPC: address = '127.0.0.1:50051', AUTHFLOW_API_KEY: apiKey = '' } = process.env;
const auth = new AuthFlowClient({ address, apiKey });
const [email, password] = ['ada@example.com', 'Analytical-1843'];
await auth.signUp({ email, password, fullname: 'Ada Lovelace', disclaimed: true });
const session = await auth.login({ email, password });
const user = await auth.validate({ sessionToken: session.token, email });
console.log(`${user.fullname} is user ${user.userId}`);
await auth.logout({ sessionToken: session.token, email });
auth.close();
