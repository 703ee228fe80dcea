import type { DescMethodUnary } from '@bufbuild/protobuf';
import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';

/** The six calls, by the name that `/auth` and the stubs give them. */
export type CallName = keyof typeof AuthService.method;

/** Parameters or fields by their JSON names. */
export type Fields = Readonly<Record<string, string | boolean | number>>;

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
}

/** One way into the server. */
export interface Entrance {
  call(name: CallName, params: Fields, headers: Readonly<Record<string, string>>): Promise<Success | Refusal>;
  close(): void;
}

/** The descriptor of a call. */
export function methodOf(name: CallName): DescMethodUnary {
  return AuthService.method[name];
}

/** The path of a call on every entrance but `/auth`. */
export function pathOf(name: CallName): string {
  return `/authflow.v1.AuthService/${methodOf(name).name}`;
}
