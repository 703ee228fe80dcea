import { performance } from 'node:perf_hooks';
import { type Check, SECTIONS } from './check.ts';
import { DESK_CHECKS, ENTRANCE_CHECKS, GRPC_PORT_CHECKS, HTTP_PORT_CHECKS } from './checks.ts';
import { Desk, restDoor, type UserDoor } from './desk.ts';
import { type Doors, openDoors } from './doors.ts';
import { ENTRANCE_NAMES, type Entrance, type EntranceName } from './entrance.ts';
import { Mismatch } from './mismatch.ts';
import { NOT_CHECKED, type NotChecked, WITHOUT_MANAGEMENT_KEY } from './not-checked.ts';
import type { Column, Failure, Report, Result } from './report.ts';
import { Secrets } from './secrets.ts';
import type { Target } from './target.ts';
import { Visit } from './visit.ts';
import { noReply, settle, type World } from './world.ts';

/** What to check, and as whom. */
export interface ConformanceOptions extends Target {
  /** A live key of an organization of its own: the users that the run makes stay there. */
  readonly apiKey: string;
  /**
   * What opens UserService: a management key of that organization that may impersonate, or the admin token; null to leave UserService
   * out.
   */
  readonly managementKey: string | null;
  /** What the key's organization must be; null when the server is believed. */
  readonly orgId: string | null;
  /** The entrances to ask; null for all that the target has. */
  readonly entrances: readonly EntranceName[] | null;
}

/**
 * Replays the wire contract against a server and tells rule by rule whether it is kept. Some 120 passwords are hashed
 * by the server on the way, and as many again with a management key. Entrances are asked side by side, the checks of one in turn.
 *
 * Throws UnusableServerError when through no entrance a user can sign up and log in: nothing was checked then.
 */
export async function checkConformance(options: ConformanceOptions): Promise<Report> {
  const startedAt = performance.now();
  const doors = openDoors(options);
  try {
    const secrets = new Secrets();
    secrets.keep(options.apiKey);
    secrets.keep(options.managementKey ?? '');
    // From the last: parameters in a query are the ones that logs hold most often.
    const world = await settle(doors.entrances.toReversed(), {
      apiKey: options.apiKey,
      managementKey: options.managementKey,
      orgId: options.orgId,
      http: doors.http,
      secrets,
    });
    const results = await Promise.all(columnsOf(doors, world).map((column) => checkColumn(column, secrets)));
    const inOrder = sorted(results.flat());
    return {
      baseUrl: options.baseUrl.origin,
      grpcAddress: options.grpcAddress,
      isConforming: inOrder.every(({ failure }) => failure === null),
      results: inOrder,
      notChecked: [
        ...notAsked(doors.entrances),
        ...NOT_CHECKED,
        ...(options.managementKey === null ? WITHOUT_MANAGEMENT_KEY : []),
      ],
      durationMs: Math.round(performance.now() - startedAt),
    };
  } finally {
    doors.close();
  }
}

interface ColumnOfChecks {
  readonly name: Column;
  readonly checks: readonly BoundCheck[];
}

/** A check that knows where it is asked. */
interface BoundCheck extends Pick<Check<never>, 'section' | 'title'> {
  run(): Promise<void>;
}

function columnsOf({ entrances, http, grpc }: Doors, world: World): readonly ColumnOfChecks[] {
  const ofEntrances = entrances.map((entrance) => {
    const checks = ENTRANCE_CHECKS.filter(({ where }) => where === undefined || where(entrance));
    const ofDesk = entrance.family === 'rpc' ? ofUsers(entrance.call, world) : [];
    return { name: entrance.name, checks: [...bound(checks, new Visit(entrance, world)), ...ofDesk] };
  });
  const ofHttp = {
    name: 'http-port',
    checks: [...bound(HTTP_PORT_CHECKS, { http, world }), ...ofUsers(restDoor(http), world)],
  } as const;
  const ofGrpc =
    grpc === null ? [] : [{ name: 'grpc-port', checks: bound(GRPC_PORT_CHECKS, { client: grpc }) } as const];
  return [...ofEntrances, ofHttp, ...ofGrpc];
}

function ofUsers(door: UserDoor, world: World): readonly BoundCheck[] {
  const { managementKey } = world;
  return managementKey === null ? [] : bound(DESK_CHECKS, new Desk(door, world, managementKey));
}

function bound<Place>(checks: readonly Check<Place>[], place: Place): readonly BoundCheck[] {
  return checks.map((check) => ({ section: check.section, title: check.title, run: () => check.run(place) }));
}

async function checkColumn({ name, checks }: ColumnOfChecks, secrets: Secrets): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const { section, title, run } of checks) {
    results.push({ section, check: title, entrance: name, failure: await failureOf(run, secrets) });
  }
  return results;
}

async function failureOf(run: () => Promise<void>, secrets: Secrets): Promise<Failure | null> {
  try {
    await run();
    return null;
  } catch (error) {
    const { expected, got } =
      error instanceof Mismatch ? error : { expected: 'a reply that can be read', got: noReply(error) };
    return { expected: secrets.mask(expected), got: secrets.mask(got) };
  }
}

function sorted(results: readonly Result[]): readonly Result[] {
  const titles = [...ENTRANCE_CHECKS, ...HTTP_PORT_CHECKS, ...DESK_CHECKS, ...GRPC_PORT_CHECKS].map(
    ({ title }) => title,
  );
  return results.toSorted(
    (one, other) =>
      SECTIONS.indexOf(one.section) - SECTIONS.indexOf(other.section) ||
      titles.indexOf(one.check) - titles.indexOf(other.check),
  );
}

function notAsked(entrances: readonly Entrance[]): readonly NotChecked[] {
  const asked = new Set(entrances.map(({ name }) => name));
  return ENTRANCE_NAMES.filter((name) => !asked.has(name)).map((name) => ({
    rule: name === 'grpc' ? 'the entrance grpc, with health and reflection' : `the entrance ${name}`,
    why: 'was not asked for',
  }));
}
