import { AuthError } from '../errors.ts';
import type { CallContext, HashSlot, Ports } from '../ports.ts';
import { type IdentifiedTenant, refusal } from '../tenant.ts';
import { isDeviceOf } from './known-device.ts';
import type { CountedTry, KnownDevice, LoginAttempt, LoginLock, SpentNonce, UserCredentials } from './storage.ts';
import {
  beginTry,
  type CountedAs,
  type CountedTries,
  HIDDEN_PARTS,
  isExhausted,
  NO_TRIES,
  settle,
  TOLD_PART,
} from './tries.ts';

/** Who wants to try whose password. */
export interface WantedTry {
  readonly tenant: IdentifiedTenant;
  readonly email: string;
  readonly nonce: SpentNonce;
  /** As its token says; null without one. */
  readonly device: KnownDevice | null;
}

/** A try that is counted, with a turn to hash. */
export interface ReservedTry {
  readonly slot: HashSlot;
  /** Null for an unknown one, where users are hidden. */
  readonly user: UserCredentials | null;
  readonly counted: CountedTry;
  readonly begunAt: number;
  /** Lets the next one go on. To be called once. */
  release(): void;
}

/** What a hard lock says, to which no wait helps; the same of users that are unknown. */
const HARD_LOCKED = 'Too many failed tries for this account. It stays locked until an administrator opens it.';

/**
 * Waits until a try may be made, then spends the nonce and counts the try, for which there is a turn to hash by then. Who waits for
 * others at the same user holds no such turn, and who is refused has neither waited nor taken one where the store tells of it at
 * first sight. That also tells whose device is a known one: a token of an earlier password is as none.
 *
 * Throws NONCE_USED, then ACCOUNT_LOCKED with the exact wait, or without one for a hard lock: nothing is spent or counted.
 * Throws NONCE_INVALID, API_KEY_INVALID, ORGANIZATION_NOT_FOUND, OVERLOADED, DEADLINE_EXCEEDED, USER_NOT_FOUND, too.
 */
export async function reserveTry(ports: Ports, wanted: WantedTry, call: CallContext): Promise<ReservedTry> {
  const { email, tenant } = wanted;
  const sight = await lookAt(ports, wanted);
  const turn = await ports.tryGate.enter({ caller: tenant, email, countedAs: sight.countedAs }, call);
  try {
    const mayReserve = turn.hasWaited ? (await lookAt(ports, wanted)).mayReserve : sight.mayReserve;
    const reserved = await whenOthersHaveEnded(ports, wanted, mayReserve, call);
    const release = () => {
      reserved.slot.release();
      turn.leave();
    };
    return { ...reserved, release };
  } catch (error) {
    turn.leave();
    throw error;
  }
}

type Reserved = Omit<ReservedTry, 'release'>;

async function whenOthersHaveEnded(
  ports: Ports,
  wanted: WantedTry,
  mayReserve: boolean,
  call: CallContext,
): Promise<Reserved> {
  for (let mayTry = mayReserve; ; { mayReserve: mayTry } = await lookAt(ports, wanted)) {
    const reserved = mayTry ? await withTurn(ports, wanted, call) : null;
    if (reserved !== null) {
      return reserved;
    }
    // The others are in other processes: here the gate has let no more pass.
    await ports.tryGate.pause(call);
  }
}

/** Null where others must end first. */
async function withTurn(ports: Ports, wanted: WantedTry, call: CallContext): Promise<Reserved | null> {
  const slot = await ports.passwords.acquire(wanted.tenant, call);
  let reserved: Reserved | null = null;
  try {
    reserved = await reserveWith(ports, wanted, slot);
    return reserved;
  } finally {
    if (reserved === null) {
      slot.release();
    }
  }
}

/** What the store tells of a try before it is asked for. */
interface Sight {
  readonly countedAs: CountedAs;
  /** Whether it looks as if the try could be counted; false where others must end first. */
  readonly mayReserve: boolean;
}

async function lookAt(ports: Ports, { tenant, email, nonce, device }: WantedTry): Promise<Sight> {
  const { isNonceSpent, user, tries } = await ports.storage.lookAtLogin(tenant.orgId, email, nonce.nonceId);
  if (isNonceSpent) {
    throw refusal('nonce_used');
  }
  const of = (name: CountedAs): CountedTries =>
    tries.find(({ countedAs }) => countedAs === name) ?? { ...NO_TRIES, countedAs: name };
  const { lock } = ports.rules;
  const known = of('known_device');
  const counter = isDeviceOf(device, user) && !isExhausted(known, lock) ? known : of(tenant.callerClass);
  const now = ports.clock.now();
  const decision = beginTry(counter, counter.countedAs, lock, now);
  // The lock that dead processes have brought about is put down by the write, which refuses then.
  const isPutDown = settle(counter, lock, now) === counter;
  if (decision.outcome === 'locked' && isPutDown) {
    throw locked(ports, { tenant, email }, decision);
  }
  return { countedAs: counter.countedAs, mayReserve: decision.outcome !== 'wait' };
}

/** Null where others must end first. */
async function reserveWith(ports: Ports, wanted: WantedTry, slot: HashSlot): Promise<Reserved | null> {
  const { storage, clock, rules, tryGate } = ports;
  const { lock, hidesUsers } = rules;
  const { callerClass } = wanted.tenant;
  const part = hidesUsers ? randomPart(ports) : TOLD_PART;
  const attempt: LoginAttempt = { ...wanted, callerClass, lock, hidesUsers, part, at: clock.now() };
  const beginning = await storage.beginLogin(attempt);
  switch (beginning.outcome) {
    case 'begun': {
      const { user, countedAs } = beginning;
      const counted = { email: wanted.email, countedAs, userId: user?.userId ?? null, lock };
      return { slot, user, counted, begunAt: attempt.at };
    }
    case 'wait':
      return null;
    case 'locked':
      throw locked(ports, wanted, beginning);
    case 'user_not_found':
      if (beginning.isHardLocked) {
        tryGate.noteHardLock();
      }
      throw refusal(beginning.outcome);
    default:
      throw refusal(beginning.outcome);
  }
}

/** Of 256 one: the last two digits of a UUIDv4 are random. */
function randomPart({ ids }: Ports): number {
  return 1 + (Number.parseInt(ids.uuidV4().slice(-2), 16) % HIDDEN_PARTS);
}

function locked(
  { tryGate }: Ports,
  { tenant: { orgId, callerClass }, email }: Pick<WantedTry, 'tenant' | 'email'>,
  { retryAfterMs, began }: Omit<LoginLock, 'outcome'>,
): AuthError {
  tryGate.noteRefused();
  if (retryAfterMs !== null) {
    const waiter = callerClass === 'private_key' ? null : `${orgId} ${email}`;
    return new AuthError('ACCOUNT_LOCKED', { retryAfterMs, waiter });
  }
  if (began === undefined) {
    return new AuthError('ACCOUNT_LOCKED', { message: HARD_LOCKED });
  }
  tryGate.noteHardLock();
  const { userId } = began;
  const subject = userId === null ? { beganHardLock: true } : { beganHardLock: true, userId };
  return new AuthError('ACCOUNT_LOCKED', { message: HARD_LOCKED, subject });
}
