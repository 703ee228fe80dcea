// node answer-calls.js DATABASE_URL ORG_ID KEY_ID: answers each line of standard input, "write" or "read", with its
// outcome.
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { acknowledge } from './acknowledge.js';
import { engineOfUrl } from './engine-of-url.js';
import { UNCOUNTED } from './uncounted.ts';

const [databaseUrl = '', orgId = '', keyId = ''] = process.argv.slice(2);
const storage = await (await engineOfUrl(databaseUrl)).open({ writesInThread: process.env.WRITES_IN_THREAD === 'yes' });
acknowledge('ready');

for await (const line of createInterface({ input: process.stdin })) {
  try {
    if (line === 'read') {
      acknowledge((await storage.findOrganization(orgId))?.orgId);
    } else {
      const nonce = { nonceId: randomUUID(), keepUntil: 1, epoch: 'the first epoch' };
      const attempt = { tenant: { orgId, keyId }, email: 'nobody@example.com', nonce, ...UNCOUNTED };
      acknowledge((await storage.beginLogin(attempt)).outcome);
    }
  } catch (error) {
    acknowledge(String(error instanceof Error && 'reason' in error ? error.reason : error));
  }
}
await storage.close();
