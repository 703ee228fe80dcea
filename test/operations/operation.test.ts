import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { AuthService, LogoutResponseSchema, type ValidateRequest } from '#gen/authflow/v1/auth_service_pb.js';
import { readFooBar } from '../../src/domain/auth/foo-bar.ts';
import { readSession } from '../../src/domain/auth/validate.ts';
import * as keys from '../../src/domain/organizations/api-key.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { ADMINISTRATOR, API_KEY, SESSION } from '../../src/operations/access.ts';
import { type OperationDefinition, operation } from '../../src/operations/operation.ts';
import { SERVICES } from '../../src/operations/services.ts';
import { COMPAT } from '../support/rules.ts';

const { logout } = AuthService.method;

const PARTS = {
  method: logout,
  limits: { longestMs: 10_000 },
  rest: { methods: ['POST'], path: '/x', summary: 'x', success: 'x' },
  reasons: [],
  read: (input: ValidateRequest, faults: { field: string; message: string }[], rules: Ports['rules']) =>
    readSession(input, rules, faults),
  run: async () => create(LogoutResponseSchema),
} as const;

describe('an operation', () => {
  test('that does not say who may call it does not compile', () => {
    operation({ ...PARTS, read: (input, faults, rules) => readSession(input, rules, faults), access: SESSION });
    // @ts-expect-error: `access` is missing.
    const incomplete: Parameters<typeof operation>[0] = PARTS;
    expect(incomplete).not.toHaveProperty('access');
  });

  test('is given the caller that its access lets in, and no other', () => {
    operation({
      ...PARTS,
      read: (input, faults, rules) => readSession(input, rules, faults),
      access: API_KEY,
      run: async (_ports, _parameters, caller) => {
        const keyId: string = caller.keyId;
        expect(keyId).toBeTypeOf('string');
        return create(LogoutResponseSchema);
      },
    });
    operation({
      ...PARTS,
      read: (input, faults, rules) => readSession(input, rules, faults),
      access: ADMINISTRATOR,
      run: async (_ports, _parameters, caller) => {
        // @ts-expect-error: an administrator speaks for no organization.
        const orgId: string = caller.orgId;
        expect(orgId).toBeUndefined();
        return create(LogoutResponseSchema);
      },
    });
  });

  test('whose parameters do not name the organization cannot be opened by its key', () => {
    const definition = {
      ...PARTS,
      // @ts-expect-error: what an organization is known by is not among the parameters.
      access: API_KEY,
      read: () => ({ label: '' }) as never,
    } satisfies OperationDefinition<typeof logout.input, typeof logout.output, { label: string }, never>;
    expect(definition.access).toBe(API_KEY);
  });

  test('takes no parameters that were not checked', () => {
    const ports = {} as Ports;
    // @ts-expect-error: they were not read.
    const unchecked = (): unknown => keys.createApiKey(ports, { orgId: 'x', label: '', inTokens: false });
    expect(unchecked).toBeTypeOf('function');
    expect(readFooBar({ identity: 'ada@example.com', apiKey: '' }, COMPAT)).toMatchObject({ email: 'ada@example.com' });
  });
});

describe('the table', () => {
  test.each(SERVICES)(
    'has an operation for each method of $title, in an order of its own',
    ({ descriptor, operations }) => {
      const methods = operations.map(({ method }) => method);
      expect(new Set(methods)).toEqual(new Set(descriptor.methods));
      expect(methods).toHaveLength(descriptor.methods.length);
    },
  );

  test('has each path and method of HTTP once', () => {
    const routes = SERVICES.flatMap(({ operations }) =>
      operations.flatMap(({ rest }) => rest.methods.map((method) => `${method} ${rest.path}`)),
    );
    expect(new Set(routes).size).toBe(routes.length);
  });

  test('names only parameters and fields that the messages have', () => {
    for (const { operations, sometimes } of SERVICES) {
      const outputs = operations.flatMap(({ method }) =>
        method.output.fields.flatMap((field) => [field, ...(field.message?.fields ?? [])]),
      );
      const told = new Set(outputs.map(({ jsonName }) => jsonName));
      expect(sometimes.filter((name) => !told.has(name))).toEqual([]);
      for (const { method, rest } of operations) {
        const taken = method.input.fields.map(({ jsonName }) => jsonName);
        const inPath = Array.from(rest.path.matchAll(/\{(\w+)\}/g), (match) => match[1]);
        const named = [...inPath, ...(rest.required ?? []), ...Object.keys(rest.bounds ?? {})];
        expect(named.filter((name) => !taken.includes(name ?? ''))).toEqual([]);
      }
    }
  });
});
