import { ACCOUNT_MOVES, NOT_ME } from './account-moves.ts';
import { AUTH_MOVES } from './auth-moves.ts';
import { FACTOR_MOVES } from './factor-moves.ts';
import { isOpen, type Method } from './factors.ts';
import type { Challenge, TokenKind, User } from './model.ts';
import { AUDIT_MOVES, ORGANIZATION_MOVES } from './organization-moves.ts';
import type { Step } from './step.ts';
import { USER_MOVES } from './user-moves.ts';
import type { World } from './world.ts';

const MOVES = {
  ...{ ...AUTH_MOVES, ...ACCOUNT_MOVES, ...FACTOR_MOVES, ...USER_MOVES, ...ORGANIZATION_MOVES, ...AUDIT_MOVES },
  notMe: NOT_ME,
};

type Name = keyof typeof MOVES;

const NAMES = Object.keys(MOVES) as readonly Name[];

/** How often a call is made, beside those that are made once as often. */
const SHARES: Readonly<Partial<Record<Name, number>>> = {
  ...{ fooBar: 3, signUp: 6, login: 8, validate: 5, me: 4, logout: 2, changePassword: 4, deleteAccount: 2 },
  ...{ renewSession: 4, changeEmail: 6, verifyEmail: 5, resetPassword: 4, notMe: 4, forgotPassword: 2 },
  ...{ listMySessions: 2, endMySessions: 2, createMailToken: 3, enableUser: 2, updateUser: 2, impersonate: 2 },
  ...{ reopenOrganization: 4, createApiKey: 2, sendLoginCode: 2, sendEmailCode: 2, verifyEmailCode: 5 },
  ...{ enableTotp: 5, confirmTotp: 5, verifyTotp: 6, verifyRecoveryCode: 2, updateOrganization: 2, setPassword: 2 },
};

/** Each as often as it is made. */
const DRAWN = NAMES.flatMap((name) => new Array<Name>(SHARES[name] ?? 1).fill(name));

const OF_SESSIONS = new Set<Name>([
  ...(['validate', 'changePassword', 'logout', 'me', 'updateProfile', 'renewSession', 'listMySessions'] as const),
  ...(['endMySessions', 'changeEmail', 'deleteAccount', 'disableTotp', 'regenerateRecoveryCodes'] as const),
]);

const OF_TOKENS: Readonly<Partial<Record<Name, readonly [kinds: readonly TokenKind[], source: Name]>>> = {
  verifyEmail: [['verify_email', 'change_email'], 'createMailToken'],
  resetPassword: [['reset_password', 'invite'], 'createMailToken'],
  notMe: [['email_change_warning', 'not_me'], 'changeEmail'],
};

/** What a challenge must take for these. */
const OF_CHALLENGES: Readonly<Partial<Record<Name, Method>>> = {
  ...{ verifyTotp: 'totp', verifyRecoveryCode: 'recovery', sendEmailCode: 'email' },
};

/** A random call. One that makes no mistakes is made when there is what it needs; until then, what gives that. */
export function anyMove(world: World): Step {
  const due = world.isCareful && world.chance(2) ? dueIn(world) : [];
  let name = world.random.pick(due.length > 0 ? due : DRAWN);
  for (let needed = neededBefore(world, name); world.isCareful && needed !== null; needed = neededBefore(world, name)) {
    name = needed;
  }
  return MOVES[name](world);
}

/** What does not wait: a secret or a challenge is good for ten minutes. */
function dueIn(world: World): readonly Name[] {
  const isPending = (user: User | null | undefined) => (user?.pending?.until ?? 0) > world.now;
  const has = (isSo: (challenge: Challenge) => boolean) => world.challenges.some(isSo);
  const due: readonly (readonly [Name, boolean])[] = [
    ['enableTotp', has((each) => isOpen(world, each, 'setup') && !isPending(each.user))],
    ['confirmTotp', has((each) => isOpen(world, each, 'setup') && isPending(each.user))],
    ['confirmTotp', world.sessionTokens.some((token) => world.isUsable(token) && isPending(token.session?.user))],
    ['verifyTotp', has((each) => isOpen(world, each, 'totp'))],
    ['verifyRecoveryCode', has((each) => isOpen(world, each, 'recovery')) && world.chance(4)],
    ['sendEmailCode', has((each) => isOpen(world, each, 'email') && each.kind === 'second_factor')],
    ['verifyEmailCode', has((each) => isOpen(world, each, 'email') && (each.code?.text ?? '') !== '')],
    ['resetPassword', has((each) => isOpen(world, each, 'change_password'))],
  ];
  return due.flatMap(([name, isDue]) => (isDue ? [name] : []));
}

function neededBefore(world: World, name: Name): Name | null {
  const [kinds, source] = OF_TOKENS[name] ?? [];
  if (kinds !== undefined && source !== undefined) {
    return world.mailTokens.some((token) => world.isSpendable(token, kinds)) ? null : source;
  }
  const method = OF_CHALLENGES[name];
  if (method !== undefined) {
    return world.challenges.some((challenge) => isOpen(world, challenge, method)) ? null : 'login';
  }
  if (name === 'verifyEmailCode') {
    const isMailed = world.challenges.some((each) => isOpen(world, each, 'email') && (each.code?.text ?? '') !== '');
    return isMailed ? null : world.chance(2) ? 'sendEmailCode' : 'sendLoginCode';
  }
  if (name === 'sendLoginCode') {
    return world.orgs.some(({ loginByEmail, isClosed }) => loginByEmail && !isClosed) ? null : 'updateOrganization';
  }
  if (OF_SESSIONS.has(name)) {
    return world.sessionTokens.some((token) => world.isUsable(token)) ? null : 'login';
  }
  if (name === 'login') {
    const isThere = world.orgs.some(({ isClosed, users }) => !isClosed && users.length > 0);
    return hasNonce(world, true) ? null : isThere ? 'fooBar' : 'signUp';
  }
  return name === 'signUp' && !hasNonce(world, false) ? 'fooBar' : null;
}

function hasNonce(world: World, hasUser: boolean): boolean {
  return world.nonces.some((nonce) => world.homesOf(nonce, hasUser).length > 0);
}
