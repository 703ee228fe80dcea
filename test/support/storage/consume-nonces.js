// node consume-nonces.js DATABASE_URL ORG_ID KEY_ID CONSUMERS COUNT: all consumers try each of COUNT nonces at once;
// acknowledges how many of them got past it, nonce by nonce. Begins when a line arrives on standard input.
import { once } from 'node:events';
import { acknowledge } from './acknowledge.js';
import { engineOfUrl } from './engine-of-url.js';
import { UNCOUNTED } from './uncounted.ts';

const [databaseUrl = '', orgId = '', keyId = '', consumers = '', count = ''] = process.argv.slice(2);
const storage = await (await engineOfUrl(databaseUrl)).open({ writesInThread: process.env.WRITES_IN_THREAD === 'yes' });
acknowledge('ready');
await once(process.stdin, 'data');

const successes = [];
for (let i = 0; i < Number(count); i += 1) {
  const attempt = {
    tenant: { orgId, keyId },
    email: 'nobody@example.com',
    nonce: { nonceId: `n-${i}`, keepUntil: 1, epoch: 'the first epoch' },
    ...UNCOUNTED,
  };
  const outcomes = await Promise.all(Array.from({ length: Number(consumers) }, () => storage.beginLogin(attempt)));
  successes.push(outcomes.filter(({ outcome }) => outcome !== 'nonce_used').length);
}
acknowledge(successes);
await storage.close();
process.stdin.destroy();
