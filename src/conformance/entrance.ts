import type { DescMethodUnary } from '@bufbuild/protobuf';
import { AccountService } from '#gen/authflow/v1/account_service_pb.js';
import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import { UserService } from '#gen/authflow/v1/user_service_pb.js';
import type { HttpReply } from './http-client.ts';

/** The six calls. */
export type SixCallName = keyof typeof AuthService.method;

/** The calls of AccountService. */
export type AccountCallName = keyof typeof AccountService.method;

/** The calls of UserService. */
export type UserCallName = keyof typeof UserService.method;

/** A call that every entrance has. */
export type CallName = SixCallName | AccountCallName;

/** A call that every entrance has but `/auth`. */
export type RpcName = CallName | UserCallName;

/** The six calls, in the order of the contract. */
export const CALLS = AuthService.methods.map(({ localName }) => localName as SixCallName);

/** Those of AccountService, in the order of the contract. */
export const ACCOUNT_CALLS = AccountService.methods.map(({ localName }) => localName as AccountCallName);

/** Those of UserService. */
export const USER_CALLS = UserService.methods.map(({ localName }) => localName as UserCallName);

/** Those of AccountService that a session opens. */
export const ACCOUNT_SESSION_CALLS = [
  'me',
  'renewSession',
  'listMySessions',
  'endMySessions',
  'updateProfile',
  'changeEmail',
  'deleteAccount',
] as const satisfies readonly AccountCallName[];

/** Those of AccountService that the token of a mail opens, and no key. */
export const MAIL_TOKEN_CALLS = ['verifyEmail', 'resetPassword'] as const satisfies readonly AccountCallName[];

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
  /** The names of the faulty parameters, sorted. */
  readonly violations: readonly string[];
  /** The sentence for people. */
  readonly message: string;
  /** How long to wait before a repeat; null where no wait is named. */
  readonly retryAfterMs: number | null;
  /** The bare reply, where the entrance sees it. */
  readonly http: HttpReply | null;
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
  ...UserService.method,
};

/** What `/auth` calls them where it has a name of its own. */
const AUTH_NAMES: Readonly<Record<AccountCallName, string>> = {
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
  return `/auth/${name in AUTH_NAMES ? AUTH_NAMES[name as AccountCallName] : name}`;
}
