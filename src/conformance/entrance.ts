import type { DescMethodUnary } from '@bufbuild/protobuf';
import { AccountService } from '#gen/authflow/v1/account_service_pb.js';
import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';
import { SecondFactorService } from '#gen/authflow/v1/second_factor_service_pb.js';
import { UserService } from '#gen/authflow/v1/user_service_pb.js';
import type { HttpReply } from './http-client.ts';

/** The six calls. */
export type SixCallName = keyof typeof AuthService.method;

/** The calls of AccountService. */
export type AccountCallName = keyof typeof AccountService.method;

/** The calls of SecondFactorService. */
export type SecondFactorCallName = keyof typeof SecondFactorService.method;

/** The calls of UserService. */
export type UserCallName = keyof typeof UserService.method;

/** The calls of OrganizationService that a management key opens. */
export type SettingsCallName = Extract<
  keyof typeof OrganizationService.method,
  'getOrganization' | 'updateOrganization'
>;

/** A call that every entrance has. */
export type CallName = SixCallName | AccountCallName | SecondFactorCallName;

/** A call that every entrance has but `/auth`. */
export type RpcName = CallName | UserCallName | SettingsCallName;

/** The six calls, in the order of the contract. */
export const CALLS = AuthService.methods.map(({ localName }) => localName as SixCallName);

/** Those of AccountService, in the order of the contract. */
export const ACCOUNT_CALLS = AccountService.methods.map(({ localName }) => localName as AccountCallName);

/** Those of SecondFactorService, in the order of the contract. */
export const SECOND_FACTOR_CALLS = SecondFactorService.methods.map(
  ({ localName }) => localName as SecondFactorCallName,
);

/** All that every entrance has, service by service. */
export const EVERY_CALL: readonly CallName[] = [...CALLS, ...ACCOUNT_CALLS, ...SECOND_FACTOR_CALLS];

/** Those of UserService. */
export const USER_CALLS = UserService.methods.map(({ localName }) => localName as UserCallName);

/** Those beside the six that a session opens. */
export const OWN_SESSION_CALLS = [
  'me',
  'renewSession',
  'listMySessions',
  'endMySessions',
  'updateProfile',
  'changeEmail',
  'deleteAccount',
  'enableTotp',
  'confirmTotp',
  'disableTotp',
  'regenerateRecoveryCodes',
] as const satisfies readonly CallName[];

/** Those that ask for a mail to an address, with a key. */
export const MAIL_REQUEST_CALLS = [
  'sendVerificationEmail',
  'forgotPassword',
  'sendLoginCode',
] as const satisfies readonly CallName[];

/** Those that the challenge of a login opens, with a key or without. */
export const CHALLENGE_CALLS = [
  'verifyTotp',
  'sendEmailCode',
  'verifyEmailCode',
  'verifyRecoveryCode',
] as const satisfies readonly CallName[];

/** Parameters by their JSON names. */
export type Fields = Readonly<Record<string, unknown>>;

/** What surrounds the parameters. */
export interface CallOptions {
  /** HTTP headers or gRPC metadata, in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The deadline that the caller names; none by default. Not for `/auth`, which has no word for one. */
  readonly timeoutMs?: number;
}

/** An answer, told alike for every entrance. Nothing of it has been judged. */
export interface Reply {
  readonly ok: boolean;
  /** Which of a reason's codes {@link status} is. */
  readonly codes: 'http' | 'grpc';
  /** The HTTP status under `/auth`, the gRPC code elsewhere. */
  readonly status: number;
  /** Of a success: its fields by their JSON names, without what an envelope adds. Instants are RFC 3339 text. */
  readonly fields: Fields;
  /** Of a refusal; null where it names none. */
  readonly reason: string | null;
  /** Of a refusal: whose reasons these are, as ErrorInfo tells it; null under `/auth`. */
  readonly domain: string | null;
  /** Of a refusal that a login goes on from; null where there is none, and where it is not told in the form of its entrance. */
  readonly nextStep: NextStep | null;
  /** The names of the faulty parameters, sorted. */
  readonly violations: readonly string[];
  /** The sentence for people. */
  readonly message: string;
  /** How long to wait before a repeat; null where no wait is named. */
  readonly retryAfterMs: number | null;
  /** The bare reply, where the entrance sees it. */
  readonly http: HttpReply | null;
}

/** What a login that needs more is told beside the reason. */
export interface NextStep {
  readonly challenge: string;
  readonly methods: readonly string[];
  readonly expiresAt: string;
}

/** One way into the server. */
export type Entrance = AuthEntrance | RpcEntrance;

/** `/auth`, which has no call of a back office. */
export interface AuthEntrance extends EntranceTraits {
  readonly family: 'auth';
  /** Rejects when there is no answer at all. */
  readonly call: (name: CallName, fields: Fields, options?: CallOptions) => Promise<Reply>;
}

/** gRPC and Connect. */
export interface RpcEntrance extends EntranceTraits {
  readonly family: 'rpc';
  /** Rejects when there is no answer at all. */
  readonly call: (name: RpcName, fields: Fields, options?: CallOptions) => Promise<Reply>;
}

interface EntranceTraits {
  /** What it is called on the command line and in the table. */
  readonly name: EntranceName;
  readonly port: 'http' | 'grpc';
  /** Whether parameters travel as JSON, so that any value can be sent. */
  readonly isJson: boolean;
  close(): void;
}

/** The names of the entrances, in the order of the table. */
export const ENTRANCE_NAMES = [
  'auth-get',
  'auth-json',
  'auth-form',
  'connect-json',
  'connect',
  'grpc-web',
  'grpc-on-http',
  'grpc',
] as const;

/** One of {@link ENTRANCE_NAMES}. */
export type EntranceName = (typeof ENTRANCE_NAMES)[number];

const METHODS: Readonly<Record<RpcName, DescMethodUnary>> = {
  ...AuthService.method,
  ...AccountService.method,
  ...SecondFactorService.method,
  ...UserService.method,
  getOrganization: OrganizationService.method.getOrganization,
  updateOrganization: OrganizationService.method.updateOrganization,
};

/** What `/auth` calls them where it has a name of its own. */
const AUTH_NAMES: Readonly<Record<Exclude<CallName, SixCallName>, string>> = {
  me: 'me',
  sendVerificationEmail: 'resend-verify-email',
  verifyEmail: 'verify-email',
  forgotPassword: 'forgot-password',
  resetPassword: 'reset-password',
  renewSession: 'renew-session',
  listMySessions: 'sessions',
  endMySessions: 'end-sessions',
  updateProfile: 'update-profile',
  changeEmail: 'change-email',
  deleteAccount: 'deleteUser',
  sendLoginCode: 'login-code',
  enableTotp: '2fa/enable',
  confirmTotp: '2fa/verify-setup',
  disableTotp: '2fa/disable',
  regenerateRecoveryCodes: '2fa/recovery-codes',
  verifyTotp: '2fa/verify-2fa',
  sendEmailCode: '2fa/backup/email',
  verifyEmailCode: '2fa/verify-email-otp',
  verifyRecoveryCode: '2fa/verify-recovery',
};

/** The descriptor of a call. */
export function methodOf(name: RpcName): DescMethodUnary {
  return METHODS[name];
}

/** The path of a call on every entrance but `/auth`. */
export function rpcPath(name: RpcName): string {
  const { parent, name: method } = methodOf(name);
  return `/${parent.typeName}/${method}`;
}

/** The path of a call under `/auth`. */
export function authPath(name: CallName): string {
  return `/auth/${name in AUTH_NAMES ? AUTH_NAMES[name as keyof typeof AUTH_NAMES] : name}`;
}
