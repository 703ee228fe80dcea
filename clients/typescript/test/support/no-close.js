// One call by a client that is never closed: node no-close.js ADDRESS API_KEY.
import { AuthFlowClient } from '@authflow/client';

const [address = '', apiKey = ''] = process.argv.slice(2);
const { expiresAt } = await new AuthFlowClient({ address, apiKey }).fooBar({ identity: 'ada@example.com' });
console.log(expiresAt.getTime() > 0);
