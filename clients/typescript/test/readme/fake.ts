import assert from 'node:assert/strict';
import type { AuthFlow } from '@authflow/client';
import { AuthFlowFake } from '@authflow/client/fake';

async function greet(auth: AuthFlow, sessionToken: string): Promise<string> {
  const { fullname } = await auth.validate({ sessionToken });
  return `Hello, ${fullname}.`;
}

const fake = new AuthFlowFake();
await fake.signUp({
  email: 'ada@example.com',
  password: 'Analytical-1843',
  fullname: 'Ada Lovelace',
  disclaimed: true,
});
const { token } = await fake.login({ email: 'ada@example.com', password: 'Analytical-1843' });
assert.equal(await greet(fake, token), 'Hello, Ada Lovelace.');

fake.unreachable = true;
await assert.rejects(greet(fake, token), { code: 'UNAVAILABLE', statusCode: 503 });
