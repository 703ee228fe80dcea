import type { Connection } from './connection.ts';
import { NetworkShares } from './network-shares.ts';

/**
 * How long a new connection may take to ask for something before it goes ahead of those that have: a slow handshake, and more. Not
 * where this part of the most are such: that is a crowd that only connects.
 */
const FRESH_MS = 3_000;
const CROWD_PART = 1 / 4;

/** The part of the connections looked through that is kept in line: a crowd near the bound must not cost a look for each. */
const LINE_PART = 1 / 32;

/** In which order connections of equal right give way. */
const RANK = { ended: 0, wasteful: 1, idle: 2, fresh: 3, owed: 4 } as const;

interface Giver {
  readonly connection: Connection;
  readonly rank: number;
  /** Among those of a rank the least goes first. */
  readonly order: number;
}

/**
 * Who gives way near the bound of a port. Places are shared by the networks that callers come from: the one with the most connections
 * gives way, first its idle ones (those that only wait for their peer among them, ahead of all that asked for nothing for a while),
 * then its busy ones, those with the fewest calls first. For one that comes from a network with as many only idle ones go. So nobody
 * who holds fewer gives way for one who holds more, and one network never takes the places of others. Connections of listed proxies
 * carry many callers: of them only idle ones go, for their own newcomers, or for one that holds fewer where no other is idle.
 */
export class Room {
  readonly #most: number;
  readonly #callers = new NetworkShares();
  readonly #proxies = new NetworkShares();
  /** Those that give way next, the first last, and of whom they were chosen. */
  #line: Giver[] = [];
  #lineOf = '';
  /** Of whom nobody was found; null where that may have changed. */
  #noneOf: string | null = null;

  /** `most`: with how many connections room has to be made for one more. */
  constructor(most: number) {
    this.#most = most;
  }

  add(connection: Connection): void {
    this.#sharesOf(connection).add(connection);
  }

  /** May be repeated. */
  delete(connection: Connection): void {
    this.#sharesOf(connection).delete(connection);
  }

  /** A connection may have become idle. */
  lookAgain(): void {
    this.#noneOf = null;
  }

  /** The connection that gives way for one that has come and was added; null where none does. */
  giverFor(newest: Connection): Connection | null {
    const held = this.#sharesOf(newest).of(newest.network).size;
    const { largest } = this.#callers;
    if (largest > held) {
      const [network = ''] = this.#callers.largestNetworks();
      return this.#first(network, newest, () => this.#callers.of(network));
    }
    return (
      (newest.isProxy
        ? this.#first(`idle of ${newest.network}`, newest, () => idleOf(this.#proxies.of(newest.network)))
        : this.#first(`idle of ${largest}`, newest, () => this.#idleOfLargest(this.#callers))) ??
      (this.#proxies.largest > held
        ? this.#first('idle of proxies', newest, () => this.#idleOfLargest(this.#proxies))
        : null)
    );
  }

  #sharesOf({ isProxy }: Connection): NetworkShares {
    return isProxy ? this.#proxies : this.#callers;
  }

  #idleOfLargest(shares: NetworkShares): Connection[] {
    return [...shares.largestNetworks()].flatMap((network) => idleOf(shares.of(network)));
  }

  #first(name: string, newest: Connection, among: () => Iterable<Connection>): Connection | null {
    if (this.#noneOf === name) {
      return null;
    }
    if (this.#lineOf === name) {
      for (let giver = this.#line.pop(); giver !== undefined; giver = this.#line.pop()) {
        if (this.#stillGives(giver)) {
          return giver.connection;
        }
      }
    }
    this.#lineOf = name;
    this.#line = this.#lineUp(newest, among());
    const first = this.#line.pop();
    this.#noneOf = first === undefined ? name : null;
    return first?.connection ?? null;
  }

  #stillGives({ connection, rank, order }: Giver): boolean {
    const held = this.#sharesOf(connection).of(connection.network);
    if (!held.has(connection) || (!connection.isProxy && held.size < this.#callers.largest)) {
      return false;
    }
    return rank === RANK.owed || (!isOwed(connection) && orderOfIdle(connection) === order);
  }

  #lineUp(newest: Connection, among: Iterable<Connection>): Giver[] {
    const connections = [...among].filter((connection) => connection !== newest);
    const unused = connections.filter((connection) => connection.idleSince === null && !connection.isBusy);
    const isCrowd = unused.length > this.#most * CROWD_PART;
    const freshSince = isCrowd ? Number.POSITIVE_INFINITY : performance.now() - FRESH_MS;
    const givers = connections.map((connection) => giverOf(connection, freshSince));
    givers.sort((one, other) => other.rank - one.rank || other.order - one.order);
    return givers.slice(-Math.ceil(givers.length * LINE_PART));
  }
}

function giverOf(connection: Connection, freshSince: number): Giver {
  if (isOwed(connection)) {
    return { connection, rank: RANK.owed, order: connection.openCalls };
  }
  return { connection, rank: idleRankOf(connection, freshSince), order: orderOfIdle(connection) };
}

function idleRankOf(connection: Connection, freshSince: number): number {
  if (connection.isEnded) {
    return RANK.ended;
  }
  if (connection.isStalled) {
    return RANK.wasteful;
  }
  if (connection.idleSince !== null) {
    return RANK.idle;
  }
  return connection.begunAt <= freshSince ? RANK.wasteful : RANK.fresh;
}

function orderOfIdle({ idleSince, begunAt }: Connection): number {
  return idleSince ?? begunAt;
}

/** Whether the server has something to do for it. */
function isOwed(connection: Connection): boolean {
  return connection.isBusy && !connection.isStalled && !connection.isEnded;
}

function idleOf(connections: Iterable<Connection>): Connection[] {
  return [...connections].filter((connection) => !isOwed(connection));
}
