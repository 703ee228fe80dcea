import type { DescMethodUnary } from '@bufbuild/protobuf';
import { AccountService } from '#gen/authflow/v1/account_service_pb.js';
import { AuditService } from '#gen/authflow/v1/audit_service_pb.js';
import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';
import { SecondFactorService } from '#gen/authflow/v1/second_factor_service_pb.js';
import { UserService } from '#gen/authflow/v1/user_service_pb.js';
import { ACCOUNTS } from '../../../src/operations/accounts.ts';
import { AUTH } from '../../../src/operations/auth.ts';
import { SECOND_FACTORS } from '../../../src/operations/second-factors.ts';

/** The six calls, by the name that `/auth` and the stubs give them. */
export type CallName = keyof typeof AuthService.method;

/** The calls of AccountService, by the name that the stubs give them. */
export type AccountCallName = keyof typeof AccountService.method;

/** The calls of SecondFactorService, by the name that the stubs give them. */
export type SecondFactorCallName = keyof typeof SecondFactorService.method;

/** The calls under `/auth`. */
export type AuthCallName = CallName | AccountCallName | SecondFactorCallName;

/** The calls of OrganizationService, UserService and AuditService, by the name that the stubs give them. */
export type AdminCallName =
  | keyof typeof OrganizationService.method
  | keyof typeof UserService.method
  | keyof typeof AuditService.method;

/** The six calls, in the order of the contract. */
export const CALLS = AuthService.methods.map(({ localName }) => localName as CallName);

/** The calls of SecondFactorService, in the order of its proto. */
export const SECOND_FACTOR_CALLS = SecondFactorService.methods.map(
  ({ localName }) => localName as SecondFactorCallName,
);

/** The calls of OrganizationService, UserService and AuditService, in the order of their protos. */
export const ADMIN_CALLS = [OrganizationService, UserService, AuditService].flatMap(({ methods }) =>
  methods.map(({ localName }) => localName as AdminCallName),
);

/** Parameters or fields by their JSON names. */
export type Fields = Readonly<Record<string, string | boolean | number | string[]>>;

/** A success: the fields alone, without what an envelope adds. Instants are RFC 3339 text. */
export interface Success {
  readonly ok: Readonly<Record<string, unknown>>;
}

/** A refusal, told alike for every entrance. */
export interface Refusal {
  readonly reason: string | null;
  /** The gRPC code, or the HTTP status under `/auth`. */
  readonly status: number;
  /** The names of the faulty parameters, sorted. */
  readonly violations: readonly string[];
  /** Whether a wait is named. */
  readonly waits: boolean;
  /** The sentence for people. */
  readonly message: string;
  /** How a login goes on; absent where it does not. */
  readonly next?: NextStep;
}

/** What a login that needs more hands out. */
export interface NextStep {
  readonly challenge: string;
  readonly methods: readonly string[];
  readonly expires_at: string;
}

/** One way into the server, for the calls that it knows. */
export interface Entrance<Name extends string = CallName> {
  call(name: Name, params: Fields, headers: Readonly<Record<string, string>>): Promise<Success | Refusal>;
  close(): void;
}

/** Every call that has a matrix. */
export type AnyCallName = AuthCallName | AdminCallName;

const METHODS: Readonly<Record<AnyCallName, DescMethodUnary>> = {
  ...AuthService.method,
  ...AccountService.method,
  ...SecondFactorService.method,
  ...OrganizationService.method,
  ...UserService.method,
  ...AuditService.method,
};

/** The descriptor of a call. */
export function methodOf(name: AnyCallName): DescMethodUnary {
  return METHODS[name];
}

/** The path of a call on every entrance but `/auth` and `/organizations`. */
export function pathOf(name: AnyCallName): string {
  const { name: rpc, parent } = methodOf(name);
  return `/${parent.typeName}/${rpc}`;
}

const AUTH_PATHS = new Map(
  [AUTH, ACCOUNTS, SECOND_FACTORS].flatMap(({ operations }) =>
    operations.map(({ method, rest }) => [method.localName, rest.path]),
  ),
);

/** The path of a call under `/auth`. */
export function authPathOf(name: AuthCallName): string {
  return AUTH_PATHS.get(name) ?? `/auth/${name}`;
}
