import { AuthError } from '../errors.ts';
import type { CallContext, HashSlot, Ports } from '../ports.ts';
import { type IdentifiedTenant, refusal } from '../tenant.ts';
import type { CountedTry, KnownDevice, LoginAttempt, SpentNonce, UserCredentials } from './storage.ts';
import { beginTry, type CountedAs, type CountedTries, isExhausted, NO_TRIES } from './tries.ts';

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
  /** Lets the next one go on. To be called once. */
  release(): void;
}

/** What a hard lock says, to which no wait helps; the same of users that are unknown. */
const HARD_LOCKED = 'Too many failed tries for this account. It stays locked until an administrator opens it.';

/**
 * Waits until a try may be made, then spends the nonce and counts the try, for which there is a turn to hash by then. Who waits for
 * others at the same user holds no such turn, and who is refused has taken none where the store tells of it at first sight.
 *
 * Throws NONCE_USED, then ACCOUNT_LOCKED with the exact wait, or without one for a hard lock: nothing is spent or counted.
 * Throws NONCE_INVALID, API_KEY_INVALID, ORGANIZATION_NOT_FOUND, OVERLOADED, DEADLINE_EXCEEDED, USER_NOT_FOUND, too.
 */
export async function reserveTry(ports: Ports, wanted: WantedTry, call: CallContext): Promise<ReservedTry> {
  const { email, tenant, device } = wanted;
  const countedAs: CountedAs = device === null ? tenant.callerClass : 'known_device';
  const leave = await ports.tryGate.enter({ orgId: tenant.orgId, email, countedAs }, call);
  try {
    const reserved = await whenOthersHaveEnded(ports, wanted, call);
    const release = () => {
      reserved.slot.release();
      leave();
    };
    return { ...reserved, release };
  } catch (error) {
    leave();
    throw error;
  }
}

type Reserved = Omit<ReservedTry, 'release'>;

async function whenOthersHaveEnded(ports: Ports, wanted: WantedTry, call: CallContext): Promise<Reserved> {
  for (;;) {
    if (await mayReserve(ports, wanted)) {
      const slot = await ports.passwords.acquire(wanted.tenant, call);
      let reserved: Reserved | null = null;
      try {
        reserved = await reserveWith(ports, wanted, slot);
      } finally {
        if (reserved === null) {
          slot.release();
        }
      }
      if (reserved !== null) {
        return reserved;
      }
    }
    // The others are in other processes: here the gate has let no more pass.
    await ports.tryGate.pause(call);
  }
}

/** Whether it looks as if a try could be counted; false where others must end first. */
async function mayReserve(ports: Ports, { tenant, email, nonce, device }: WantedTry): Promise<boolean> {
  const { isNonceSpent, tries } = await ports.storage.lookAtLogin(tenant.orgId, email, nonce.nonceId);
  if (isNonceSpent) {
    throw refusal('nonce_used');
  }
  const of = (name: CountedAs): CountedTries =>
    tries.find(({ countedAs }) => countedAs === name) ?? { ...NO_TRIES, countedAs: name };
  const { lock } = ports.rules;
  const known = of('known_device');
  const counter = device !== null && !isExhausted(known, lock) ? known : of(tenant.callerClass);
  const decision = beginTry(counter, counter.countedAs, lock, ports.clock.now());
  if (decision.outcome === 'locked') {
    throw locked(ports, decision.retryAfterMs);
  }
  return decision.outcome === 'reserved';
}

/** Null where others must end first. */
async function reserveWith(ports: Ports, wanted: WantedTry, slot: HashSlot): Promise<Reserved | null> {
  const { storage, clock, rules, tryGate } = ports;
  const { lock, hidesUsers } = rules;
  const { callerClass } = wanted.tenant;
  const attempt: LoginAttempt = { ...wanted, callerClass, lock, hidesUsers, at: clock.now() };
  const beginning = await storage.beginLogin(attempt);
  switch (beginning.outcome) {
    case 'begun': {
      const { user, countedAs } = beginning;
      return { slot, user, counted: { email: wanted.email, countedAs, userId: user?.userId ?? null, lock } };
    }
    case 'wait':
      return null;
    case 'locked':
      throw locked(ports, beginning.retryAfterMs);
    case 'user_not_found':
      if (beginning.isHardLocked) {
        tryGate.noteHardLock();
      }
      throw refusal(beginning.outcome);
    default:
      throw refusal(beginning.outcome);
  }
}

function locked({ tryGate }: Ports, retryAfterMs: number | null): AuthError {
  tryGate.noteRefused();
  return retryAfterMs === null
    ? new AuthError('ACCOUNT_LOCKED', { message: HARD_LOCKED })
    : new AuthError('ACCOUNT_LOCKED', { retryAfterMs });
}
