import { create, type DescMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  ChangePasswordRequestSchema,
  FooBarRequestSchema,
  LoginRequestSchema,
  SignUpRequestSchema,
  ValidateRequestSchema,
} from '#gen/authflow/v1/auth_service_pb.js';
import {
  CreateOrganizationRequestSchema,
  GetOrganizationRequestSchema,
  OrganizationService,
} from '#gen/authflow/v1/organization_service_pb.js';
import type { FieldViolation } from '../../src/domain/errors.ts';
import type { Organization } from '../../src/domain/organizations/storage.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { byLocalName, type Called } from './called.ts';

const NOW = 1_700_000_000_999;

const ORGANIZATION: Organization = {
  orgId: '0b0e5d1c-7d6f-4b0e-8f61-6f3c7a8f6a11',
  name: 'Acme',
  nameKey: 'acme',
  createdAt: NOW,
  closedAt: null,
  sessionTtlSeconds: null,
  mailApproved: true,
  settings: '{}',
};

/** The few ports that calls without an account need; touching another one fails the test. */
function portsWith(rules: { openSignup: boolean }): Ports {
  const ports = {
    clock: { now: () => NOW },
    ids: { uuidV4: () => ORGANIZATION.orgId, uuidV7: () => '018bcfe5-6ba7-7000-8000-000000000000' },
    nonces: { sign: () => 'a-nonce' },
    apiKeys: {
      create: () => ({ apiKey: 'af_new', apiKeyHash: new Uint8Array(32) }),
      hash: () => null,
      seal: () => null,
    },
    adminTokens: { verify: async (token: string) => token === 'afadm_good' },
    rules: { nonceTtlSeconds: 300, sessionTtlSeconds: 3600, ...rules },
    storage: {
      createOrganization: async () => 'created',
      findOrganization: async () => ORGANIZATION,
      countUsers: async () => 2,
      causedBy() {
        return this;
      },
    },
  };
  return ports as unknown as Ports;
}

const { auth, organization } = byLocalName(portsWith({ openSignup: false }));

function callWith(headers: Record<string, string> = {}, faults: readonly FieldViolation[] = []): Called {
  return { header: (name) => headers[name] ?? null, faults };
}

const ADMIN = callWith({ authorization: 'Bearer afadm_good' });

function message<S extends DescMessage>(schema: S, init: MessageInitShape<S>): MessageShape<S> {
  return create(schema, init);
}

async function fieldsAtFault(answer: Promise<unknown>): Promise<string[]> {
  const error = await answer.then(
    () => ({ reason: 'none', violations: [] }),
    (thrown: { reason: string; violations: FieldViolation[] }) => thrown,
  );
  expect(error.reason).toBe('INVALID_ARGUMENT');
  return error.violations.map(({ field }) => field).sort();
}

describe('AuthService', () => {
  test('answers in messages, with instants in whole seconds', async () => {
    const response = await auth.fooBar(message(FooBarRequestSchema, { identity: 'ada@example.com' }), callWith());
    expect(response).toMatchObject({
      $typeName: 'authflow.v1.FooBarResponse',
      token: 'a-nonce',
      expiresAt: { nanos: 0 },
    });
    expect(Number(response.expiresAt?.seconds)).toBeGreaterThan(NOW / 1000);
  });

  test('tells every fault at once, under the names of JSON', async () => {
    const signUp = auth.signUp(message(SignUpRequestSchema, {}), callWith());
    expect(await fieldsAtFault(signUp)).toEqual(['api_key', 'email', 'foobar', 'fullname', 'password']);
    const change = auth.changePassword(message(ChangePasswordRequestSchema, { orgId: 'x' }), callWith());
    expect(await fieldsAtFault(change)).toEqual(['email', 'newPassword', 'org_id', 'sessionToken']);
  });

  test('joins faults of the entrance, of headers, of text and of the rules', async () => {
    const request = message(ValidateRequestSchema, { sessionToken: 'ey.1', email: 'a\ud800', apiKey: 'af_1' });
    const headers = { 'x-api-key': 'af_2', authorization: 'Bearer ey.2' };
    const call = callWith(headers, [{ field: 'org_id', message: 'must be a string' }]);
    const fields = await fieldsAtFault(auth.validate(request, call));
    expect(fields).toEqual(['api_key', 'email', 'org_id', 'sessionToken']);
  });

  test.each([
    ['a lone surrogate', '\ud800'],
    ['half of a pair at the end', 'abc\ud83d'],
  ])('refuses text that is not well-formed, by its field: %s', async (_, text) => {
    const request = message(LoginRequestSchema, {
      foobar: text,
      email: text,
      password: text,
      orgId: text,
      apiKey: text,
    });
    const fields = await fieldsAtFault(auth.login(request, callWith()));
    expect(fields).toEqual(expect.arrayContaining(['api_key', 'email', 'foobar', 'org_id', 'password']));
  });

  test('ignores what a person’s program says of itself where that is not well-formed', async () => {
    const hints = { clientIp: '\ud800', userAgent: 'agent \udc00' };
    const fooBar = message(FooBarRequestSchema, { identity: 'ada@example.com', ...hints });
    await expect(auth.fooBar(fooBar, callWith())).resolves.toBeDefined();
  });

  test('takes a session as bearer only where a session is asked for', async () => {
    const fooBar = message(FooBarRequestSchema, { identity: 'ada@example.com' });
    await expect(auth.fooBar(fooBar, callWith({ authorization: 'Bearer ey.1' }))).resolves.toBeDefined();
  });
});

describe('OrganizationService', () => {
  const calls = Object.keys(OrganizationService.method) as (keyof typeof OrganizationService.method)[];

  test.each(calls)('asks for the admin token before it looks at anything else: %s', async (name) => {
    const handle = organization[name] as (request: unknown, call: Called) => Promise<unknown>;
    const request = create(OrganizationService.method[name].input as DescMessage);
    for (const authorization of ['', 'Bearer afadm_wrong', 'Bearer af_key', 'Basic afadm_good']) {
      const call = callWith({ authorization, 'x-api-key': 'afadm_good' }, [{ field: 'x', message: 'y' }]);
      await expect(handle(request, call)).rejects.toMatchObject({ reason: 'ADMIN_TOKEN_INVALID' });
    }
  });

  test('describes an organization; the instant of its closing is absent while it is open', async () => {
    const request = message(GetOrganizationRequestSchema, { orgId: ORGANIZATION.orgId });
    const { organization: described } = await organization.getOrganization(request, ADMIN);
    expect(described).toMatchObject({
      orgId: ORGANIZATION.orgId,
      name: 'Acme',
      createdAt: { seconds: 1_700_000_000n },
    });
    expect(described?.closedAt).toBeUndefined();
  });

  test('gives the first key with a new organization, to anybody where sign-up is open', async () => {
    const request = message(CreateOrganizationRequestSchema, { name: ' Acme ' });
    const open = byLocalName(portsWith({ openSignup: true })).organization;
    const answers = [
      await organization.createOrganization(request, ADMIN),
      await open.createOrganization(request, callWith()),
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({ orgId: ORGANIZATION.orgId, name: 'Acme', apiKey: 'af_new' });
    }
    const other = open.getOrganization(
      message(GetOrganizationRequestSchema, { orgId: ORGANIZATION.orgId }),
      callWith(),
    );
    await expect(other).rejects.toMatchObject({ reason: 'ADMIN_TOKEN_INVALID' });
  });
});
