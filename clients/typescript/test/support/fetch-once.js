// One call with a key that no server knows, by the fetch client: node fetch-once.js URL. Prints the error.
import { AuthFlowFetchClient } from '@authflow/client/fetch';

const client = new AuthFlowFetchClient({ url: process.argv[2] ?? '', apiKey: `af_${'A'.repeat(43)}` });
const error = await client.fooBar({ identity: 'ada@example.com' }).catch((reason) => reason);
console.log(`${error.code} ${error.reason} ${error.message}`);
