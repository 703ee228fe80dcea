import { AuthFlowClient, type AuthFlowClientOptions } from '@authflow/client';
import { AuthFlowFetchClient, type AuthFlowFetchClientOptions } from '@authflow/client/fetch';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newOrganization, newSession } from './support/organization.ts';
import { rejection } from './support/rejection.ts';
import { GRPC, HTTP } from './support/stand.ts';

const apiKey = 'af_key';
const PORT = GRPC.split(':').at(-1);

beforeEach(() => {
  for (const name of ['AUTHFLOW_ADDRESS', 'AUTHFLOW_URL', 'AUTHFLOW_API_KEY']) {
    vi.stubEnv(name, undefined);
  }
});
afterEach(() => vi.unstubAllEnvs());

describe('from the environment', () => {
  test('a client needs no options', async () => {
    const organization = await newOrganization();
    vi.stubEnv('AUTHFLOW_ADDRESS', GRPC);
    vi.stubEnv('AUTHFLOW_URL', HTTP);
    vi.stubEnv('AUTHFLOW_API_KEY', organization.apiKey);
    for (const client of [new AuthFlowClient(), new AuthFlowFetchClient()]) {
      const session = await newSession(client);
      expect(await client.validate(session)).toMatchObject({ orgId: organization.orgId });
      client.close();
    }
  });

  test('an option comes first', async () => {
    const organization = await newOrganization();
    vi.stubEnv('AUTHFLOW_ADDRESS', 'nowhere.invalid:1');
    vi.stubEnv('AUTHFLOW_API_KEY', 'af_other');
    const client = new AuthFlowClient({ address: GRPC, apiKey: organization.apiKey });
    expect(await newSession(client)).toMatchObject({ email: expect.any(String) });
    client.close();
  });
});

describe('what is missing is refused when the client is made', () => {
  // Callers without types, or with a variable that is not set.
  const grpc = (options: object) => new AuthFlowClient(options as AuthFlowClientOptions);
  const byFetch = (options: object) => new AuthFlowFetchClient(options as AuthFlowFetchClientOptions);

  test.each([
    { address: GRPC },
    { address: GRPC, apiKey: undefined },
    { address: GRPC, apiKey: null },
    { address: GRPC, apiKey: '' },
  ])('a key of %o', (options) => {
    expect(() => grpc(options)).toThrow(/^apiKey .*AUTHFLOW_API_KEY/);
    expect(() => byFetch({ ...options, url: HTTP })).toThrow(/^apiKey .*AUTHFLOW_API_KEY/);
  });

  test('a key given as undefined, where another is in the environment', () => {
    vi.stubEnv('AUTHFLOW_API_KEY', 'af_of_another_organization');
    expect(() => grpc({ address: GRPC, apiKey: undefined })).toThrow(/^apiKey was given as undefined/);
    expect(() => byFetch({ url: HTTP, apiKey: undefined })).toThrow(/^apiKey was given as undefined/);
  });

  test('an empty variable', () => {
    vi.stubEnv('AUTHFLOW_API_KEY', '');
    expect(() => grpc({ address: GRPC })).toThrow('AUTHFLOW_API_KEY');
  });

  test('an address', () => {
    expect(() => grpc({ apiKey })).toThrow('AUTHFLOW_ADDRESS');
    expect(() => grpc({ apiKey, address: '' })).toThrow('AUTHFLOW_ADDRESS');
    expect(() => byFetch({ apiKey })).toThrow('AUTHFLOW_URL');
    expect(() => byFetch({ apiKey, url: undefined })).toThrow('AUTHFLOW_URL');
  });

  test('a key that no header can carry, without repeating it', () => {
    for (const wrong of ['af_key\n', 'af key', 'af_\u{1f511}']) {
      expect(() => grpc({ address: GRPC, apiKey: wrong })).toThrow(/^apiKey must be visible ASCII.*AUTHFLOW_API_KEY/);
    }
  });
});

describe('an address', () => {
  test.each([`127.0.0.1:${PORT}`, `localhost:${PORT}`, `http://127.0.0.1:${PORT}`, `http://LOCALHOST:${PORT}/`])(
    '%s is in clear text',
    async (address) => {
      const client = new AuthFlowClient({ address, apiKey });
      expect(await rejection(client.fooBar({ identity: 'ada@example.com' }))).toMatchObject({
        reason: 'API_KEY_INVALID',
      });
      client.close();
    },
  );

  // `.invalid` is never resolved (RFC 2606), so that the sentence alone tells what was tried.
  test.each<readonly [string, Omit<AuthFlowClientOptions, 'address' | 'apiKey'>, string]>([
    ['auth.invalid:50051', {}, 'https://auth.invalid:50051:'],
    ['auth.invalid:50051', { plaintext: true }, 'http://auth.invalid:50051:'],
    ['localhost.invalid:50051', {}, 'https://localhost.invalid:50051:'],
    ['http://auth.invalid', {}, 'http://auth.invalid:'],
    ['https://auth.invalid', {}, 'https://auth.invalid:'],
    ['https://auth.invalid:443/', { tls: true }, 'https://auth.invalid:'],
    ['127.1.2.3:1', {}, 'http://127.1.2.3:1:'],
    ['[::1]:1', {}, 'http://[::1]:1:'],
    ['127.0.0.1:1', { tls: true }, 'https://127.0.0.1:1:'],
    ['https://localhost:1', {}, 'https://localhost:1:'],
  ])('%s with %o is %s', async (address, options, told) => {
    const client = new AuthFlowClient({ address, apiKey, ...options });
    const error = await rejection(client.signUp({ email: 'a@b.c', password: 'p', fullname: 'f', disclaimed: true }));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: '', message: expect.stringContaining(` ${told} `) });
    client.close();
  });

  test.each([
    'localhost',
    'auth.example.com',
    'localhost:',
    'localhost:0',
    'localhost:65536',
    'local host:50051',
    ':50051',
    '::1:50051',
    'localhost:50051/',
    'user@localhost:50051',
    'http://user:secret@localhost:50051',
    'http://localhost:50051/auth',
    'http://localhost:50051/?a=b',
    'http://localhost:50051#a',
    'http://',
    'grpc://localhost:50051',
    'dns:///localhost:50051',
    'unix:socket',
  ])('%s is refused', (address) => {
    expect(() => new AuthFlowClient({ address, apiKey })).toThrow(/^address must be host:port.*AUTHFLOW_ADDRESS/);
  });

  test('and options that contradict each other are refused', () => {
    expect(() => new AuthFlowClient({ address: 'http://auth.invalid:1', apiKey, tls: true })).toThrow('contradicts');
    expect(() => new AuthFlowClient({ address: 'https://auth.invalid:1', apiKey, plaintext: true })).toThrow(
      'contradicts',
    );
    expect(() => new AuthFlowClient({ address: GRPC, apiKey, plaintext: true, tls: {} })).toThrow('contradict');
    const tls: unknown = false;
    expect(() => new AuthFlowClient({ address: GRPC, apiKey, tls: tls as true })).toThrow('plaintext');
  });

  test.each(['localhost:8080', 'auth.example.com', 'ftp://localhost', 'http://user@localhost', 'http://localhost?a=b'])(
    '%s is no URL of the fetch client',
    (url) => {
      expect(() => new AuthFlowFetchClient({ url, apiKey })).toThrow(/^url must.*AUTHFLOW_URL/);
    },
  );
});
