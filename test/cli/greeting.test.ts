import { expect, test } from 'vitest';
import { type Greeting, greeting } from '../../src/cli/greeting.ts';

const ADMIN_TOKEN = `afadm_${'A'.repeat(43)}`;
const API_KEY = `af_${'B'.repeat(43)}`;

const FIRST_START: Greeting = {
  version: '1.2.3',
  server: {
    httpAddress: 'http://127.0.0.1:8080',
    grpcAddress: '127.0.0.1:50051',
    store: '/data/authflow.db',
    firstStart: {
      dataDir: '/data',
      secretFile: '/data/secret',
      adminToken: ADMIN_TOKEN,
      adminTokenFile: '/data/admin-token',
    },
  },
  organization: null,
  showAdminToken: false,
  isStrict: false,
};

test('a first start tells the addresses, where the data is and what to type next', () => {
  const text = greeting(FIRST_START).join('\n');
  for (const fact of [
    '1.2.3',
    'http://127.0.0.1:8080',
    '127.0.0.1:50051',
    '/data/authflow.db',
    '/data/secret',
    '/data/admin-token',
    'authflow org create',
  ]) {
    expect(text).toContain(fact);
  }
});

test('a made admin token is told to a terminal alone', () => {
  expect(greeting(FIRST_START).join('\n')).not.toContain(ADMIN_TOKEN);
  expect(greeting({ ...FIRST_START, showAdminToken: true }).join('\n')).toContain(ADMIN_TOKEN);
});

test('what came from the settings was not made, and is not told as made', () => {
  const firstStart = { dataDir: '/data', secretFile: null, adminToken: null, adminTokenFile: null };
  const text = greeting({ ...FIRST_START, server: { ...FIRST_START.server, firstStart } }).join('\n');
  expect(text).not.toContain('secret');
  expect(text).not.toContain('admin token');
});

test('a made organization comes with its key and a first call; one that was there without a key', () => {
  const organization = { orgId: 'some-id', name: 'Acme', isClosed: false, apiKey: API_KEY };
  const made = greeting({ ...FIRST_START, organization }).join('\n');
  expect(made).toContain(`api_key       ${API_KEY}`);
  expect(made).toContain("curl 'http://127.0.0.1:8080/auth/fooBar?identity=");
  const strict = greeting({ ...FIRST_START, organization, isStrict: true }).join('\n');
  expect(strict).toContain("curl http://127.0.0.1:8080/auth/fooBar -H 'x-api-key: af_...' -d");
  const present = greeting({ ...FIRST_START, organization: { ...organization, apiKey: null } }).join('\n');
  expect(present).toContain('some-id');
  expect(present).not.toContain('api_key');
});

test('a later start is short', () => {
  const text = greeting({ ...FIRST_START, server: { ...FIRST_START.server, firstStart: null } });
  expect(text).toHaveLength(4);
  expect(text.join('\n')).toContain('/data/authflow.db');
});
