import { performance } from 'node:perf_hooks';
import { checkSettings, SETTINGS_RULES } from './changed-settings.ts';
import { SECTIONS } from './check.ts';
import { DESK_CHECKS, ENTRANCE_CHECKS, GRPC_PORT_CHECKS, HTTP_PORT_CHECKS, MANAGED_CHECKS } from './checks.ts';
import { type BoundCheck, bound, type ColumnOfChecks, checkColumn } from './columns.ts';
import { Desk, restDoor, type UserDoor } from './desk.ts';
import { type Doors, openDoors } from './doors.ts';
import { ENTRANCE_NAMES, type Entrance, type EntranceName } from './entrance.ts';
import { ManagedVisit } from './managed-visit.ts';
import { NOT_CHECKED, type NotChecked, WITHOUT_MANAGEMENT_KEY } from './not-checked.ts';
import type { Report, Result } from './report.ts';
import { Secrets } from './secrets.ts';
import type { Target } from './target.ts';
import { Visit } from './visit.ts';
import { settle, type World } from './world.ts';

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
 * Replays the wire contract against a server and tells rule by rule whether it is kept. Some 170 passwords are hashed
 * by the server on the way, with a management key 480. Entrances are asked side by side, the checks of one in turn. With a management
 * key the settings of the organization are changed in the end, and put back.
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
    const visits = doors.entrances.map((entrance) => visitOf(entrance, world));
    const columns = columnsOf(visits, doors, world);
    const results = await Promise.all(columns.map((column) => checkColumn(column, secrets)));
    // Alone, and last: while they are others no login is what the checks above expect.
    const managed = visits.flatMap((each) => each.managed ?? []);
    const inOrder = sorted([...results.flat(), ...(await checkSettings(managed, world))]);
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

/** An entrance as the checks see it; `managed` where there is a management key. */
interface Visits {
  readonly visit: Visit;
  readonly managed: ManagedVisit | null;
}

function visitOf(entrance: Entrance, world: World): Visits {
  const visit = new Visit(entrance, world);
  const { managementKey } = world;
  return { visit, managed: managementKey === null ? null : new ManagedVisit(visit, managementKey) };
}

function columnsOf(visits: readonly Visits[], { http, grpc }: Doors, world: World): readonly ColumnOfChecks[] {
  const ofEntrances = visits.map(({ visit, managed }) => {
    const { entrance } = visit;
    const checks = ENTRANCE_CHECKS.filter(({ where }) => where === undefined || where(entrance));
    const ofManaged = managed === null ? [] : bound(MANAGED_CHECKS, managed);
    const ofDesk = entrance.family === 'rpc' ? ofUsers(entrance.call, world) : [];
    return { name: entrance.name, checks: [...bound(checks, visit), ...ofManaged, ...ofDesk] };
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

/** In the order of a report's sections. */
const EVERY_CHECK: readonly Pick<BoundCheck, 'title'>[] = [
  ...ENTRANCE_CHECKS,
  ...HTTP_PORT_CHECKS,
  ...DESK_CHECKS,
  ...GRPC_PORT_CHECKS,
  ...MANAGED_CHECKS,
  ...SETTINGS_RULES,
];

function sorted(results: readonly Result[]): readonly Result[] {
  const titles = EVERY_CHECK.map(({ title }) => title);
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
