import { AuthFlowClient } from '@authflow/client';

const auth = new AuthFlowClient();
const email = 'ada@typescript.example';
const password = 'Analytical-1843';
await auth.signUp({ email, password, fullname: 'Ada Lovelace', disclaimed: true });
const session = await auth.login({ email, password });
const user = await auth.validate({ sessionToken: session.token });
console.log(`${user.fullname} is user ${user.userId}`);
await auth.logout({ sessionToken: session.token });
auth.close();
