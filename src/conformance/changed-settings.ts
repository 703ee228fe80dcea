import type { SettingsCheck } from './check.ts';
import { SETTINGS_CHECKS } from './checks.ts';
import { type BoundCheck, checkColumn } from './columns.ts';
import type { ManagedVisit } from './managed-visit.ts';
import { type LoginSettings, Office, settingsRestDoor } from './office.ts';
import type { Result } from './report.ts';
import type { World } from './world.ts';

const READ = { section: '4 Organizations', title: 'getOrganization tells the settings of logins' } as const;
const PUT_BACK = { section: '4 Organizations', title: 'updateOrganization puts the settings of logins back' } as const;

/** All that {@link checkSettings} asks. */
export const SETTINGS_RULES: readonly Pick<BoundCheck, 'section' | 'title'>[] = [READ, ...SETTINGS_CHECKS, PUT_BACK];

/**
 * Changes how the run's own organization logs users in, one setting after the other, asks every entrance what is other then, and puts
 * back what it found. Whatever else is asked meanwhile would find other logins than it expects. Where the settings cannot be read,
 * nothing is changed.
 */
export async function checkSettings(places: readonly ManagedVisit[], world: World): Promise<readonly Result[]> {
  const { managementKey, secrets, http } = world;
  if (managementKey === null) {
    return [];
  }
  const office = new Office(settingsRestDoor(http), world, managementKey);
  const ofHttp = (check: BoundCheck) => checkColumn({ name: 'http-port', checks: [check] }, secrets);
  const found: LoginSettings[] = [];
  const read = await ofHttp({ ...READ, run: async () => void found.push(await office.read()) });
  const [before] = found;
  if (before === undefined) {
    return read;
  }
  const results: Result[] = [];
  for (const check of SETTINGS_CHECKS) {
    const columns = places.map((place) => ({ name: place.visit.entrance.name, checks: [boundTo(place, check)] }));
    results.push(...(await Promise.all(columns.map((column) => checkColumn(column, secrets)))).flat());
  }
  return [...read, ...results, ...(await ofHttp({ ...PUT_BACK, run: () => office.change(before) }))];
}

function boundTo(place: ManagedVisit, check: SettingsCheck): BoundCheck {
  return {
    section: check.section,
    title: check.title,
    async run() {
      await place.office.change(check.settings);
      await check.run(place);
    },
  };
}
