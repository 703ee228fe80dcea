// node write-forever.js DATABASE_URL ORG_ID KEY_ID: writes of every kind, 16 at once, each acknowledged, until killed.
import { randomUUID } from 'node:crypto';
import { acknowledge } from './acknowledge.js';
import { engineOfUrl } from './engine-of-url.js';
import { UNCOUNTED } from './uncounted.ts';

const [databaseUrl = '', orgId = '', keyId = ''] = process.argv.slice(2);
const storage = await (await engineOfUrl(databaseUrl)).open({ writesInThread: process.env.WRITES_IN_THREAD === 'yes' });

async function writeForever() {
  for (;;) {
    const userId = randomUUID();
    const email = `${userId}@example.com`;
    const createdAt = Date.now();
    await storage.createUser({ userId, orgId, keyId, email, fullname: 'A', passwordHash: '$', createdAt });
    acknowledge({ user: userId });
    const nonceId = randomUUID();
    await storage.beginLogin({
      tenant: { orgId, keyId },
      email,
      nonce: { nonceId, keepUntil: createdAt, epoch: 'the first epoch' },
      ...UNCOUNTED,
    });
    acknowledge({ nonce: nonceId });
    const sessionId = randomUUID();
    await storage.createSession({
      tenant: { orgId, keyId },
      sessionId,
      userId,
      credentialVersion: 1,
      rehash: null,
      createdAt,
      expiresAt: createdAt + 86_400_000,
      maxAgeSeconds: 86_400,
      actor: null,
      device: { clientIp: '', userAgent: '' },
      maxLiveSessions: 100,
      kid: 'kid-first',
      attempt: null,
      challenge: null,
    });
    acknowledge({ session: sessionId });
    await storage.endSession({ orgId, userId, email, sessionId }, createdAt);
    acknowledge({ ended: sessionId });
  }
}

await Promise.all(Array.from({ length: 16 }, writeForever));
