import { execFile } from 'node:child_process';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AuthFlowClient, type AuthFlowClientOptions } from '@authflow/client';
import { AuthFlowFetchClient } from '@authflow/client/fetch';
import { describe, expect, test } from 'vitest';
import { newOrganization, newSession, organizations } from './support/organization.ts';
import { rejection } from './support/rejection.ts';
import { fromStand, GRPC, pem } from './support/stand.ts';

const TLS = fromStand('AUTHFLOW_TEST_TLS_GRPC');
const MTLS = fromStand('AUTHFLOW_TEST_MTLS_GRPC');
const ca = pem('ca');
const own = { ca, cert: pem('client'), key: pem('client-key') };
const foreign = { ca, cert: pem('foreign'), key: pem('foreign-key') };

describe('the gRPC client', () => {
  test('trusts the authority that it is given', async () => {
    const { apiKey } = await newOrganization(organizations(`https://${TLS}`, { ca }));
    const client = new AuthFlowClient({ address: TLS, apiKey, tls: { ca } });
    const session = await newSession(client);
    expect(await client.validate(session)).toMatchObject({ email: session.email });
    client.close();
  });

  test('shows a client certificate', async () => {
    const { apiKey } = await newOrganization(organizations(`https://${MTLS}`, own));
    const client = new AuthFlowClient({ address: MTLS, apiKey, tls: own });
    const session = await newSession(client);
    expect(await client.validate(session)).toMatchObject({ email: session.email });
    client.close();
  });

  const refused: ReadonlyArray<readonly [string, Omit<AuthFlowClientOptions, 'apiKey'>, string]> = [
    ['a server of another authority', { address: TLS, tls: { ca: pem('foreign-ca') } }, 'certificate is not trusted'],
    ["a server of no authority of the system's", { address: TLS, tls: true }, 'certificate is not trusted'],
    [
      'a server of another name',
      { address: TLS.replace('localhost', '127.0.0.1'), tls: { ca, servername: 'example.com' } },
      'certificate is not trusted: it is of another host',
    ],
    ['a TLS server in clear text', { address: TLS }, 'may want TLS'],
    ['a server in clear text by TLS', { address: GRPC, tls: true }, 'may speak clear text'],
    ['a demand for a client certificate without one', { address: MTLS, tls: { ca } }, 'client certificate'],
    ['a demand for a client certificate with a foreign one', { address: MTLS, tls: foreign }, 'client certificate'],
  ];
  test.each(refused)('fails with %s, and says so', async (_, options, cause) => {
    const client = new AuthFlowClient({ apiKey: 'af_key', ...options });
    expect(await rejection(client.fooBar({ identity: 'ada@example.com' }))).toMatchObject({
      name: 'AuthFlowError',
      code: 'UNAVAILABLE',
      reason: '',
      message: expect.stringMatching(new RegExp(`${options.address}.*${cause}`)),
    });
    client.close();
  });
});

describe('the fetch client', () => {
  const validate = fileURLToPath(new URL('support/fetch-once.js', import.meta.url));
  const url = fromStand('AUTHFLOW_TEST_TLS_HTTP');

  async function fooBar(extraCa: string): Promise<string> {
    const certificates = fromStand('AUTHFLOW_TEST_CERTIFICATES');
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: `${certificates}/${extraCa}` };
    return (await promisify(execFile)(process.execPath, [validate, url], { env })).stdout;
  }

  test("trusts what Node's fetch trusts", async () => {
    expect(await fooBar('ca.pem')).toMatch(/^UNAUTHENTICATED API_KEY_INVALID /);
  });

  test('fails with a server of another authority', async () => {
    expect(await fooBar('foreign-ca.pem')).toMatch(/^UNAVAILABLE {2}No reply from https:.*certificate is not trusted/);
  });

  test('shows a client certificate by a fetch of your own', async () => {
    const { apiKey } = await newOrganization(organizations(`https://${MTLS}`, own));
    const url = fromStand('AUTHFLOW_TEST_MTLS_HTTP');
    const client = new AuthFlowFetchClient({ url, apiKey, fetch: fetchBy(own) });
    const session = await newSession(client);
    expect(await client.validate(session)).toMatchObject({ email: session.email });
    const stranger = new AuthFlowFetchClient({ url, apiKey, fetch: fetchBy({ ca }) });
    expect(await rejection(stranger.validate(session))).toMatchObject({ code: 'UNAVAILABLE', reason: '' });
  });
});

/** As much of fetch as the client uses, with TLS options. */
function fetchBy(tls: RequestOptions): typeof fetch {
  return (input, init) =>
    new Promise((resolve, reject) => {
      const { method, headers, signal } = new Request(input, init);
      const options = { ...tls, method, headers: Object.fromEntries(headers), signal };
      const request = httpsRequest(String(input), options, async (response) => {
        const body = Buffer.concat(await response.toArray());
        resolve(new Response(body, { status: response.statusCode ?? 0 }));
      });
      request.on('error', reject).end(init?.body);
    });
}
