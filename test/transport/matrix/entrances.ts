import type { TestServer } from '../../support/running-server.ts';
import { authFormEntrance, authGetEntrance, authJsonEntrance } from './auth-entrances.ts';
import type {
  AccountCallName,
  AdminCallName,
  AnyCallName,
  AuthCallName,
  CallName,
  Entrance,
  SecondFactorCallName,
} from './entrance.ts';
import {
  organizationsFormEntrance,
  organizationsJsonEntrance,
  organizationsQueryEntrance,
} from './organizations-entrances.ts';
import {
  connectEntrance,
  connectJsonEntrance,
  grpcEntrance,
  grpcOnHttpEntrance,
  grpcWebEntrance,
} from './rpc-entrances.ts';

/** A way into any server, and what differs between the ways. */
export interface EntranceKind<Name extends string> {
  readonly name: string;
  /** Which of a reason's codes is told. */
  readonly codes: 'grpc' | 'http';
  readonly port: 'grpc' | 'http';
  /** The headers that ask for this deadline; none where the entrance has no word for one. */
  deadline(timeoutMs: number): Readonly<Record<string, string>>;
  enter(server: TestServer): Entrance<Name>;
}

const grpcDeadline = (timeoutMs: number) => ({ 'grpc-timeout': `${timeoutMs}m` });
const connectDeadline = (timeoutMs: number) => ({ 'connect-timeout-ms': `${timeoutMs}` });

const RPC: readonly EntranceKind<AnyCallName>[] = [
  {
    name: 'gRPC',
    codes: 'grpc',
    port: 'grpc',
    deadline: grpcDeadline,
    enter: ({ grpcAddress }) => grpcEntrance(grpcAddress),
  },
  onHttp('gRPC on the HTTP port', grpcOnHttpEntrance, grpcDeadline),
  onHttp('gRPC-Web', grpcWebEntrance, grpcDeadline),
  onHttp('Connect', connectEntrance, connectDeadline),
  onHttp('Connect JSON', connectJsonEntrance, connectDeadline),
];

/** Every way to the calls under `/auth`. */
export const UNDER_AUTH: readonly EntranceKind<AuthCallName>[] = [
  ...RPC,
  rest('GET /auth', authGetEntrance),
  rest('POST /auth, JSON', authJsonEntrance),
  rest('POST /auth, form', authFormEntrance),
];

/** Every way to the six calls. */
export const ENTRANCES: readonly EntranceKind<CallName>[] = UNDER_AUTH;

/** Every way to AccountService. */
export const ACCOUNT_ENTRANCES: readonly EntranceKind<AccountCallName>[] = UNDER_AUTH;

/** Every way to SecondFactorService. */
export const SECOND_FACTOR_ENTRANCES: readonly EntranceKind<SecondFactorCallName>[] = UNDER_AUTH;

/** Every way to OrganizationService. */
export const ORGANIZATION_ENTRANCES: readonly EntranceKind<AdminCallName>[] = [
  ...RPC,
  rest('/organizations, query', organizationsQueryEntrance),
  rest('/organizations, JSON', organizationsJsonEntrance),
  rest('/organizations, form', organizationsFormEntrance),
];

function onHttp<Name extends string>(
  name: string,
  enter: (origin: string) => Entrance<Name>,
  deadline: EntranceKind<Name>['deadline'],
): EntranceKind<Name> {
  return { name, codes: 'grpc', port: 'http', deadline, enter: ({ httpAddress }) => enter(httpAddress) };
}

function rest<Name extends string>(name: string, enter: (origin: string) => Entrance<Name>): EntranceKind<Name> {
  return { name, codes: 'http', port: 'http', deadline: () => ({}), enter: ({ httpAddress }) => enter(httpAddress) };
}
