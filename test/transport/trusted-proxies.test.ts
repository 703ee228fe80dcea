import { create } from '@bufbuild/protobuf';
import { Metadata } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { FooBarResponseSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { TrustedProxies } from '../../src/transport/trusted-proxies.ts';
import type { AuthFakes } from '../support/faked-services.ts';
import { ask as askGrpc, authClient, startTestServer as startGrpc } from './grpc/test-server.ts';
import { ask, askHttp2, openHttp2, startTestServer as startHttp } from './http/test-server.ts';

const PROXIES = new TrustedProxies(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1']);

test.each([
  ['without the header the peer calls', '10.0.0.1', null, '10.0.0.1'],
  ['who is no proxy is not asked for whom it calls', '198.51.100.1', '203.0.113.9', '198.51.100.1'],
  ['a proxy is', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['a single address is a proxy too', '192.0.2.7', '203.0.113.9', '203.0.113.9'],
  ['one of IPv6 too', '2001:db8::5', '2001:db9::1', '2001:db9::1'],
  ['what stands left of the first foreign address is not believed', '10.0.0.1', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
  ['proxies are passed over from the right', '10.0.0.1', '1.1.1.1, 203.0.113.9, 10.9.9.9,192.0.2.7', '203.0.113.9'],
  ['where all are proxies the first of them calls', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['a port that a proxy adds is left out', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
  ['of IPv6 too', '10.0.0.1', '[2001:db9::1]:4711', '2001:db9::1'],
  ['IPv4 in the form of IPv6 is IPv4', '::ffff:10.0.0.1', '::FFFF:203.0.113.9', '203.0.113.9'],
  ['an entry that is no address ends the reading', '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
  ['an empty header tells nothing', '10.0.0.1', '', '10.0.0.1'],
  ['a connection that has gone has no address', undefined, '203.0.113.9', ''],
  ['nor has what a library calls unknown', 'unknown', '203.0.113.9', ''],
])('%s', (_, peer, forwardedFor, caller) => {
  expect(PROXIES.callerOf(peer, forwardedFor)).toBe(caller);
  // Told by a proxy is whatever is not the other end itself.
  const isTold = caller !== '' && caller !== peer && !peer?.endsWith(caller);
  expect(PROXIES.forwardedCallerOf(peer, forwardedFor)).toBe(isTold ? caller : null);
});

test('a call knows its address by every entrance, and invents none', async () => {
  const fakes: Partial<AuthFakes> = {
    fooBar: async (_request, call) =>
      create(FooBarResponseSchema, { token: `${call.peerAddress()} ${call.forwardedAddress()}` }),
  };
  const told = { 'x-forwarded-for': '198.51.100.9, 203.0.113.9' };
  for (const [proxies, expected] of [
    [new TrustedProxies([]), '127.0.0.1 null'],
    [new TrustedProxies(['127.0.0.0/8']), '203.0.113.9 203.0.113.9'],
  ] as const) {
    const { origin } = await startHttp({ auth: fakes, proxies });
    const json = { 'content-type': 'application/json', ...told };
    const rest = await ask(origin, '/auth/fooBar', { method: 'POST', body: '{}', headers: json });
    const connect = await ask(origin, '/authflow.v1.AuthService/FooBar', { body: '{}', headers: json });
    const http2 = await askHttp2(openHttp2(origin), '/auth/fooBar', { method: 'POST', body: '{}', headers: json });
    const grpc = await startGrpc(fakes, { proxies });
    const metadata = new Metadata();
    metadata.set('x-forwarded-for', told['x-forwarded-for']);
    const reply = await askGrpc(authClient(grpc.address), 'fooBar', {}, { metadata });
    const tokens = [rest.json.token, connect.json.token, http2.json.token, Reflect.get(reply, 'token')];
    expect(tokens).toEqual(tokens.map(() => expected));
  }
});
