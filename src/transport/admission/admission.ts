import type { Caller, CallerClass } from '../../domain/caller.ts';
import { AuthError } from '../../domain/errors.ts';
import type { IdentifiedTenant } from '../../domain/tenant.ts';
import type { UnreadRefusal } from '../../operations/call-report.ts';
import { type HeaderReader, readApiKey } from '../../operations/credentials.ts';
import type { Operation } from '../../operations/operation.ts';
import { isShed, type ShedClass, shedLevel } from '../../operations/shedding.ts';
import { ConnectionRepeats, type Outcome } from './connection-repeats.ts';
import { EndedNetworks } from './ended-networks.ts';
import { KnownCallers } from './known-callers.ts';
import { AT_ONCE, type Manner } from './repeats.ts';

export interface AdmissionOptions {
  /**
   * How long one who came now would be told to wait for a hash, in milliseconds; null where there may be a place. Null as caller: one
   * of whom nothing is known.
   */
  readonly waitFor: (caller: Caller | null) => number | null;
  /** Who an API key speaks for; rejected for one that is none. */
  readonly identify: (apiKey: string) => Promise<IdentifiedTenant>;
  /** Whether an address is that of a proxy, whose connections carry the calls of many. */
  readonly isProxy: (address: string) => boolean;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** Where a call comes from, as its headers and its connection tell. */
export interface Peer {
  /** The connection itself; undefined where it has gone. */
  readonly connection: object | undefined;
  /** Whether that carries the calls of many at once, as one of HTTP/2 does. */
  readonly isShared: boolean;
  readonly address: string | undefined;
  readonly header: HeaderReader;
  /** Whether an API key stands in the target of the request. What is sent so has hardly a body to spare. */
  hasKeyInQuery(): boolean;
}

/** What was refused before it was read. */
export interface ShedCount {
  readonly call: ShedClass;
  readonly callerClass: CallerClass | 'unknown';
  readonly count: number;
}

/** What admission did and does: for metrics. */
export interface AdmissionCounters {
  readonly shed: readonly ShedCount[];
  /** How many classes of calls are shed. */
  readonly level: number;
  readonly standingLagSeconds: number;
  /** Connections, and streams of HTTP/2, that were ended because their callers never waited. */
  readonly ended: number;
}

/** What callers are told that are shed for the lag: by then another look may have found that it is over. */
const LAG_WAIT_MS = 1_000;
const MOST_ERRORS = 64;

/**
 * Who is let in to be read: what an overloaded server refuses it refuses before a body is read and parsed where the path and the key
 * in the headers already tell (docs/security.md, R6). By the lag of the event loop in the order of `SHED_ORDER`, whoever calls; by
 * the queue for hashes who would be refused there: the fairness of that is not passed over. A caller that repeats without waiting is
 * answered ever more cheaply ({@link ConnectionRepeats}), but for connections of listed proxies. A connection that is shared is not ended on for
 * some: there a call of a known key is always told its wait.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #known: KnownCallers;
  readonly #repeats = new WeakMap<object, ConnectionRepeats>();
  readonly #ended = new EndedNetworks();
  readonly #shed = new Map<string, { -readonly [Name in keyof ShedCount]: ShedCount[Name] }>();
  /** By their waits, which are whole seconds. */
  readonly #errors = new Map<number, AuthError>();
  #level = 0;
  #standingLagMs = 0;
  #endedCount = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
    this.#known = new KnownCallers(options.identify);
  }

  /** The event loop was looked at. */
  look(standingLagMs: number): void {
    this.#standingLagMs = standingLagMs;
    // The queue is not asked for nothing: this is done fifty times a second.
    const isQueueFull = (this.#level > 0 || standingLagMs > 0) && this.#options.waitFor(null) !== null;
    this.#level = shedLevel(this.#level, { standingLagMs, isQueueFull });
  }

  counters(): AdmissionCounters {
    return {
      shed: [...this.#shed.values()].map((count) => ({ ...count })),
      level: this.#level,
      standingLagSeconds: this.#standingLagMs / 1_000,
      ended: this.#endedCount,
    };
  }

  /** A call has come; null where it does not matter what becomes of it. */
  arrive({ shedAs, limits }: Pick<Operation, 'shedAs' | 'limits'>, peer: Peer): Arrival | null {
    if (shedAs === null && limits.charges === undefined) {
      return this.#arriveUnlimited(peer);
    }
    const repeats = this.#repeatsOf(peer);
    const arrivedAt = this.#now();
    const isEarly = repeats?.arrive(arrivedAt) ?? false;
    const shed = shedAs === null ? null : this.#shedOf(shedAs, peer, isEarly && repeats?.isUnread === true);
    if (shedAs !== null && shed !== null) {
      this.#count(shedAs, shed.caller?.callerClass ?? (shedAs === 'foo_bar_without_key' ? 'no_key' : 'unknown'));
    }
    const refusal = shed === null ? null : { error: this.#errorOf(shed.waitMs), caller: shed.caller };
    return new Arrival(refusal, (failure) => this.#tell(failure, { repeats, arrivedAt, isEarly, peer }));
  }

  /** One that is never told to wait here: where it is answered with success its connection is one like any other. */
  #arriveUnlimited({ connection }: Peer): Arrival | null {
    const repeats = connection && this.#repeats.get(connection);
    return repeats === undefined
      ? null
      : new Arrival(null, (failure) => {
          if (failure === null) {
            repeats.serve();
          }
          return AT_ONCE;
        });
  }

  /** How long a call is to wait that is refused before it is read, and whose it is; null for one that is read. */
  #shedOf(shedAs: ShedClass, { header, hasKeyInQuery }: Peer, isUnread: boolean): Shed | null {
    const apiKey = readApiKey('', header, []);
    const isShedByLag = isShed(shedAs, this.#level);
    if (shedAs === 'foo_bar_without_key') {
      return isShedByLag && apiKey === '' && !hasKeyInQuery() ? { waitMs: LAG_WAIT_MS, caller: null } : null;
    }
    const isFull = this.#options.waitFor(null) !== null;
    const caller = apiKey === '' || !(isFull || isShedByLag) ? null : this.#known.find(apiKey);
    if (isShedByLag) {
      return { waitMs: LAG_WAIT_MS, caller };
    }
    if (!isFull || (caller === null && !isUnread)) {
      return null;
    }
    const waitMs = this.#options.waitFor(caller);
    return waitMs === null ? null : { waitMs, caller };
  }

  /** One for all that are told the same: a stack is dear, and says nothing here. */
  #errorOf(waitMs: number): AuthError {
    let error = this.#errors.get(waitMs);
    if (error === undefined) {
      if (this.#errors.size >= MOST_ERRORS) {
        this.#errors.clear();
      }
      error = new AuthError('OVERLOADED', { retryAfterMs: waitMs });
      this.#errors.set(waitMs, error);
    }
    return error;
  }

  #count(call: ShedClass, callerClass: ShedCount['callerClass']): void {
    const name = `${call} ${callerClass}`;
    const counted = this.#shed.get(name);
    if (counted === undefined) {
      this.#shed.set(name, { call, callerClass, count: 1 });
    } else {
      counted.count += 1;
    }
  }

  #tell(outcome: Outcome, { repeats, arrivedAt, isEarly, peer }: Called): Manner {
    if (repeats === null) {
      return AT_ONCE;
    }
    const now = this.#now();
    const told = repeats.tell(outcome, { arrivedAt, isEarly, now, random: this.#random() });
    const { holdMs, ends } = told.manner;
    if (!(ends && told.isEarly) || (peer.isShared && this.#isOfKnownKey(peer))) {
      return { holdMs, ends: false };
    }
    this.#endedCount += peer.isShared || repeats.end() ? 1 : 0;
    if (!told.isOfPerson) {
      this.#ended.add(peer.address ?? '', now);
    }
    return { holdMs, ends };
  }

  #isOfKnownKey({ header }: Peer): boolean {
    const apiKey = readApiKey('', header, []);
    return apiKey !== '' && this.#known.find(apiKey) !== null;
  }

  #repeatsOf({ connection, isShared, address = '' }: Peer): ConnectionRepeats | null {
    if (connection === undefined) {
      return null;
    }
    let repeats = this.#repeats.get(connection);
    if (repeats === undefined) {
      if (this.#options.isProxy(address)) {
        return null;
      }
      repeats = new ConnectionRepeats({ isKnown: this.#ended.has(address, this.#now()), isShared });
      this.#repeats.set(connection, repeats);
    }
    return repeats;
  }
}

interface Shed {
  readonly waitMs: number;
  /** Null where it is not known whose call it is. */
  readonly caller: IdentifiedTenant | null;
}

/** What is known of a call when it is answered. */
interface Called {
  /** Null where its connection is none whose repeats count. */
  readonly repeats: ConnectionRepeats | null;
  readonly arrivedAt: number;
  readonly isEarly: boolean;
  readonly peer: Peer;
}

/** A call whose end matters to its connection. */
export class Arrival {
  /** Null where it is to be read. */
  readonly refusal: UnreadRefusal | null;
  readonly #tell: (failure: Outcome) => Manner;

  constructor(refusal: UnreadRefusal | null, tell: (failure: Outcome) => Manner) {
    this.refusal = refusal;
    this.#tell = tell;
  }

  /** How it is to be told what became of it, which is asked once; null for a success. */
  mannerOf(failure: Outcome): Manner {
    return this.#tell(failure);
  }
}
