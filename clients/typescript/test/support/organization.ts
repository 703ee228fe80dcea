import { randomUUID } from 'node:crypto';
import { AuthFlowClient, type OnRetry } from '@authflow/client';
import { type AuthFlow, AuthFlowFetchClient } from '@authflow/client/fetch';
import { OrganizationService } from '@authflow/stubs/authflow/v1/organization_service_pb';
import { type Client, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { fromStand, GRPC, HTTP } from './stand.ts';

/** What OrganizationService asks for. */
export const ADMIN = { headers: { authorization: `Bearer ${fromStand('AUTHFLOW_TEST_ADMIN_TOKEN')}` } };

/** The password of every user here. */
export const PASSWORD = 'Analytical-1843';

/** The raw stub of OrganizationService at an address. */
export function organizations(baseUrl = `http://${GRPC}`, nodeOptions = {}): Client<typeof OrganizationService> {
  return createClient(OrganizationService, createGrpcTransport({ baseUrl, nodeOptions }));
}

/** Makes an organization of its own for a test. */
export async function newOrganization(
  stub = organizations(),
): Promise<{ readonly orgId: string; readonly apiKey: string }> {
  return stub.createOrganization({ name: `Organization ${randomUUID()}` }, ADMIN);
}

/** An e-mail that nobody has. */
export function newEmail(): string {
  return `ada-${randomUUID()}@example.com`;
}

/** Both clients, by their name, for the server in clear text. */
export const CLIENTS: ReadonlyArray<readonly [string, (options: ClientOptions) => AuthFlow]> = [
  ['gRPC', ({ grpc = GRPC, http: _, ...options }) => new AuthFlowClient({ address: grpc, ...options })],
  ['fetch', ({ http = HTTP, grpc: _, ...options }) => new AuthFlowFetchClient({ url: http, ...options })],
];

/** What a test gives either client. */
export interface ClientOptions {
  readonly apiKey: string;
  readonly deadlineMs?: number;
  readonly onRetry?: OnRetry;
  readonly grpc?: string;
  readonly http?: string;
}

/** Signs a user up and in. */
export async function newSession(client: AuthFlow): Promise<{ readonly email: string; readonly sessionToken: string }> {
  const email = newEmail();
  await client.signUp({ email, password: PASSWORD, fullname: 'Ada Lovelace', disclaimed: true });
  const { token } = await client.login({ email, password: PASSWORD });
  return { email, sessionToken: token };
}
