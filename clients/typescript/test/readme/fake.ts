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

await fake.forgotPassword({ email: 'ada@example.com' });
const mail = fake.mails.at(-1);
await fake.resetPassword({ token: mail?.token ?? '', newPassword: 'Difference-1822' });
fake.setRoles('ada@example.com', ['editor']);
const session = await fake.login({ email: 'ada@example.com', password: 'Difference-1822' });
assert.deepEqual((await fake.validate({ sessionToken: session.token })).roles, ['editor']);

const { token: sessionToken } = session;
await fake.enableTotp({ sessionToken });
await fake.confirmTotp({ sessionToken, code: await fake.totpCode('ada@example.com') });
const step = await fake.loginStep({ email: 'ada@example.com', password: 'Difference-1822' });
assert.ok('challenge' in step);
assert.deepEqual(step.methods, ['totp', 'email', 'recovery']);
const { challenge } = step;
const next = await fake.verifyTotp({ challenge, code: await fake.totpCode('ada@example.com') });
assert.ok('token' in next);

fake.unreachable = true;
await assert.rejects(greet(fake, token), { code: 'UNAVAILABLE', statusCode: 503 });
