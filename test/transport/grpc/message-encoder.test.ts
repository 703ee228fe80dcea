import { create, type DescMessage, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { StructSchema } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { AccountService } from '#gen/authflow/v1/account_service_pb.js';
import { AuditService } from '#gen/authflow/v1/audit_service_pb.js';
import { AuthService, ChangePasswordResponseSchema, SignUpRequestSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { ListOrganizationsResponseSchema, OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';
import { UserService } from '#gen/authflow/v1/user_service_pb.js';
import { MessageEncoder } from '../../../src/transport/grpc/message-encoder.ts';

const SCHEMAS: DescMessage[] = [AuthService, AccountService, UserService, OrganizationService, AuditService].flatMap(
  (service) => service.methods.flatMap(({ input, output }) => [input, output]),
);

/** A message with every field set: texts of a given size, instants, two of each repeated message. */
function filled(schema: DescMessage, text: string, integer: number): Message {
  const values: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const nested = field.message === undefined ? null : filled(field.message, text, integer);
    const scalar = { 3: BigInt(integer), 5: integer % 2 ** 31, 8: true, 9: text, 13: integer % 2 ** 32 };
    values[field.localName] = nested === null ? scalar[field.scalar as keyof typeof scalar] : nested;
    if (field.fieldKind === 'list') {
      const empty = field.message === undefined ? '' : create(field.message);
      values[field.localName] = [nested ?? text, empty, nested ?? text];
    }
  }
  return create(schema, values);
}

test.each(SCHEMAS.map((schema) => [schema.typeName, schema] as const))(
  'encodes as protobuf-es does: %s',
  (_, schema) => {
    const encoder = new MessageEncoder(schema);
    for (const text of ['', '0', ' ', 'plain', 'añ例😀', 'x'.repeat(127), 'x'.repeat(128), 'é'.repeat(9_000)]) {
      for (const integer of [0, 1, 127, 128, 16_384, 2 ** 31 - 1, 1_700_000_000, 2 ** 40]) {
        const message = filled(schema, text, integer);
        expect(encoder.encode(message).equals(toBinary(schema, message))).toBe(true);
      }
    }
    expect(encoder.encode(create(schema))).toHaveLength(0);
  },
);

test('gives each message memory of its own', () => {
  const encoder = new MessageEncoder(ChangePasswordResponseSchema);
  const first = encoder.encode(create(ChangePasswordResponseSchema, { endedSessions: 7 }));
  encoder.encode(create(ChangePasswordResponseSchema, { endedSessions: 300 }));
  expect(fromBinary(ChangePasswordResponseSchema, first).endedSessions).toBe(7);
});

test('encodes a large page', () => {
  const organizations = Array.from({ length: 200 }, (_, i) => ({
    orgId: `${i}`,
    name: 'ñ'.repeat(100),
    createdAt: { seconds: BigInt(i) },
  }));
  const page = create(ListOrganizationsResponseSchema, { organizations, nextPageToken: 'next' });
  const bytes = new MessageEncoder(ListOrganizationsResponseSchema).encode(page);
  expect(fromBinary(ListOrganizationsResponseSchema, bytes)).toEqual(page);
});

test('refuses kinds of fields that it was not taught', () => {
  expect(() => new MessageEncoder(StructSchema)).toThrow('does not know');
  expect(() => new MessageEncoder(SignUpRequestSchema)).not.toThrow();
});
