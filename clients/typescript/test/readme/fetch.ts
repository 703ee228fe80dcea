import { AuthFlowFetchClient } from '@authflow/client/fetch';

const auth = new AuthFlowFetchClient(); // AUTHFLOW_URL and AUTHFLOW_API_KEY
const { token } = await auth.login({ email: 'ada@example.com', password: 'Analytical-1843' });
console.log(JSON.stringify(await auth.validate({ sessionToken: token })));
