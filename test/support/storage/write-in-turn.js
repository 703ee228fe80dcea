// node write-in-turn.js DATABASE_URL ORG_ID KEY_ID COUNT: one write after the other, each acknowledged by its number
// or by the reason of its failure. Begins when a line arrives on standard input.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { acknowledge } from './acknowledge.js';
import { engineOfUrl } from './engine-of-url.js';
import { UNCOUNTED } from './uncounted.ts';

const [databaseUrl = '', orgId = '', keyId = '', count = ''] = process.argv.slice(2);
const storage = await (await engineOfUrl(databaseUrl)).open({ writesInThread: process.env.WRITES_IN_THREAD === 'yes' });
acknowledge('ready');
await once(process.stdin, 'data');

for (let i = 0; i < Number(count); i += 1) {
  const nonce = { nonceId: randomUUID(), keepUntil: Date.now(), epoch: 'the first epoch' };
  try {
    await storage.beginLogin({ tenant: { orgId, keyId }, email: 'nobody@example.com', nonce, ...UNCOUNTED });
    acknowledge(i);
  } catch (error) {
    acknowledge(String(error instanceof Error && 'reason' in error ? error.reason : error));
  }
}
await storage.close();
process.stdin.destroy();
