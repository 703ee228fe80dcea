import type { DescMessage } from '@bufbuild/protobuf';
import type { Operation, Service } from '../../../src/operations/operation.ts';
import { ADMIN_TOKEN } from '../../support/admin-token.ts';
import { anyOwnCode } from './factors.ts';
import type { Challenge, Key, Org, User } from './model.ts';
import { NOBODYS_ID, Refusal } from './model.ts';
import type { Given } from './proofs.ts';
import type { Claim, Shown, World } from './world.ts';

/** One call of a story. */
export interface Step {
  readonly operation: Operation;
  /** Its fields, by their local names. */
  readonly request: object;
  readonly headers: Readonly<Record<string, string>>;
  /** Tells it to whoever reads the story. */
  readonly about: string;
  /**
   * Does to the model what the contract says that the call does. Throws Refusal where it is refused. What it gives is done with the
   * reply: it compares it with the model, and keeps what the reply gave out.
   */
  foresee(): (reply: Reply) => void;
}

/** A reply as the operation gives it. */
// biome-ignore lint/suspicious/noExplicitAny: each call reads the fields of its own reply.
export type Reply = any;

/** Makes a random call. */
export type Move = (world: World) => Step;

/** A move by the local name of its method: each method of a service has one. */
export type Moves<S extends { readonly method: Record<string, { readonly input: DescMessage }> }> = Readonly<
  Record<keyof S['method'], (operation: Operation) => Move>
>;

/** The moves of a service with their operations. */
export function movesOf<Name extends string>(
  { operations }: Service,
  moves: Readonly<Record<Name, (operation: Operation) => Move>>,
): Readonly<Record<Name, Move>> {
  const made = operations.map((operation) => {
    const name = operation.method.localName as Name;
    return [name, moves[name](operation)] as const;
  });
  return Object.fromEntries(made) as Record<Name, Move>;
}

export function nothing(): void {}

/** Throws INVALID_ARGUMENT where one of these is so. */
export function refuseFaults(...faults: readonly boolean[]): void {
  if (faults.includes(true)) {
    throw new Refusal('INVALID_ARGUMENT');
  }
}

/** What is shown of a key and a session, in fields and headers. */
export interface Credentials {
  readonly fields: { readonly apiKey?: string; readonly sessionToken?: string };
  readonly headers: Readonly<Record<string, string>>;
  /** Whether a field and a header disagree. */
  readonly disagrees: boolean;
}

/** Shows a key and, where there is one, a session, in one of the ways that the contract has for that. */
export function credentials(world: World, apiKey: string, sessionToken = ''): Credentials {
  const fields: { apiKey?: string; sessionToken?: string } = {};
  const headers: Record<string, string> = {};
  const bearers: string[] = [];
  const isKey = /^a(f|fm|fadm)_/.test(apiKey);
  const way = world.random.below(10);
  if (apiKey !== '' && way === 0) {
    headers['x-api-key'] = apiKey;
  } else if (isKey && way < 3) {
    bearers.push(apiKey);
  } else if (apiKey !== '') {
    fields.apiKey = apiKey;
  }
  if (sessionToken !== '' && sessionToken.includes('.') && world.chance(4)) {
    bearers.push(sessionToken);
  } else if (sessionToken !== '') {
    fields.sessionToken = sessionToken;
  }
  if (bearers.length > 0) {
    headers.authorization = bearers.map((bearer) => `Bearer ${bearer}`).join(', ');
  }
  const disagrees = fields.apiKey !== undefined && world.mistake(20);
  if (disagrees) {
    headers['x-api-key'] = `${fields.apiKey}x`;
  }
  return { fields, headers, disagrees };
}

/** A key for the calls of products: mostly a live one of the organization, at times any text that opens something else. */
export function anyApiKey(world: World, own: Org | null): string {
  const { random } = world;
  if (world.mistake(6)) {
    const others = [...world.nonces.slice(-2), ...world.sessionTokens.slice(-2), ...world.mailTokens.slice(-2)];
    return random.pick(['', '', ADMIN_TOKEN, `af_${'A'.repeat(43)}`, ...others.map(({ text }) => text)]);
  }
  const orgs = own === null || world.mistake(4) ? world.orgs : [own];
  const keys = orgs.flatMap((org) => org.keys);
  const live = keys.filter((key) => key.kind === 'api' && !key.isRevoked && !key.org.isClosed);
  return random.pick(world.mistake(4) || live.length === 0 ? keys : live).text;
}

/** Whom a call names: by key, by id, by both, or not at all. */
export function anyClaim(world: World, own: Org | null): Claim {
  if (world.mistake(5)) {
    return { apiKey: '', orgId: '' };
  }
  switch (world.random.below(9)) {
    case 0:
    case 1:
    case 2:
      return { apiKey: '', orgId: world.anyOrgId(own) };
    case 3:
    case 4:
      return { apiKey: anyApiKey(world, own), orgId: world.anyOrgId(own) };
    default:
      return { apiKey: anyApiKey(world, own), orgId: '' };
  }
}

/** A call with a session, as it is sent. */
export interface SessionCall extends Shown {
  readonly fields: object;
  readonly headers: Readonly<Record<string, string>>;
  readonly about: string;
  /** Whether what every call with a session takes is at fault. */
  readonly isAtFault: boolean;
}

/** Any session with any organization: mostly its own. */
export function anySessionCall(
  world: World,
  mayLeaveOut: 'nobody' | 'organization' | 'email and organization',
  isGood: (user: User) => boolean = () => true,
) {
  const token = world.mistake(15)
    ? { text: world.newest(world.mailTokens).text, email: world.anyEmail(), expiresAt: 0, session: null }
    : world.newest(
        world.sessionTokens,
        (each) => world.isUsable(each) && each.session !== null && isGood(each.session.user),
      );
  const claim = anyClaim(world, token.session?.user.org ?? null);
  const email = world.mistake(5) ? world.random.pick(['', world.anyEmail(), world.anyEmail()]) : token.email;
  const { fields, headers, disagrees } = credentials(world, claim.apiKey, token.text);
  const isUnnamed = claim.apiKey === '' && claim.orgId === '';
  const isAtFault =
    disagrees || (email === '' && mayLeaveOut !== 'email and organization') || (isUnnamed && mayLeaveOut === 'nobody');
  const about = `${email} ${tellClaim(world, claim)} with a session of ${token.session?.user.email} ${token.session?.sessionId}`;
  const call: SessionCall = {
    ...{ claim, token, email, headers, about, isAtFault },
    fields: { ...fields, email, orgId: claim.orgId },
  };
  return call;
}

/** What is given beside a session for a fresh proof. */
export function anyProof(world: World, { token: { session } }: SessionCall): Given {
  const user = session?.user ?? null;
  return { currentPassword: world.chance(2) ? '' : world.anyPasswordOf(user), code: anyOwnCode(world, user) };
}

/** A call with a challenge, as it is sent. */
export interface ChallengeCall {
  readonly challenge: Challenge;
  readonly claim: Claim;
  readonly fields: object;
  readonly headers: Readonly<Record<string, string>>;
  readonly about: string;
  readonly isAtFault: boolean;
}

/** Any challenge, mostly with nobody named, or with its own organization. */
export function anyChallengeCall(world: World, isGood: (challenge: Challenge) => boolean): ChallengeCall {
  const challenge = world.newest(world.challenges, isGood);
  const claim = world.chance(2) ? { apiKey: '', orgId: '' } : anyClaim(world, challenge.org);
  const text = world.mistake(20) ? '' : challenge.text;
  const { fields, headers, disagrees } = credentials(world, claim.apiKey);
  const whose = `${challenge.kind} of ${challenge.user?.email}, ${challenge.tries} tries`;
  return {
    ...{ challenge, claim, headers, fields: { ...fields, orgId: claim.orgId, challenge: text } },
    ...{ about: `${tellClaim(world, claim)} with a challenge: ${whose}`, isAtFault: disagrees || text === '' },
  };
}

export function tellClaim(world: World, { apiKey, orgId }: Claim): string {
  const key = world.keyOf(apiKey);
  const named = world.orgOf(orgId);
  return `(key ${apiKey && tellKey(world, key)}, org_id ${orgId && named && world.orgs.indexOf(named)})`;
}

export function tellKey(world: World, key: Key | null): string {
  return key === null ? 'nobody' : `${key.kind} of ${world.orgs.indexOf(key.org)}${key.isRevoked ? ', revoked' : ''}`;
}

/** Any user, at times one who is gone, or another organization's. */
export function anyUserId(world: World, org: Org | null): { readonly userId: string; readonly user: User | null } {
  const users = (org === null || world.mistake(5) ? world.orgs : [org]).flatMap((each) => each.users);
  const gone = world.sessions.map(({ user }) => user).filter(({ isGone }) => isGone);
  if (users.length === 0 || world.mistake(8)) {
    return { userId: gone.at(-1)?.userId ?? NOBODYS_ID, user: null };
  }
  const user = world.random.pick(users);
  return { userId: user.userId, user: user.org === org ? user : null };
}
