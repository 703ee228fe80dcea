import type { CallOptions, Fields, Reply, SettingsCallName } from './entrance.ts';
import { authReply } from './entrances/auth.ts';
import { demandSuccess } from './expectations.ts';
import { type HttpClient, isObject } from './http-client.ts';
import { demand, demandEqual } from './mismatch.ts';
import type { World } from './world.ts';

/** What an organization says about logins. */
export interface LoginSettings {
  readonly require_verified_email: boolean;
  readonly login_by_email: boolean;
  readonly second_factor: string;
}

/** What they are unless somebody has changed them. */
export const DEFAULTS: LoginSettings = {
  require_verified_email: false,
  login_by_email: false,
  second_factor: 'optional',
};

/** A way to ask OrganizationService. Rejects when there is no answer at all. */
export type SettingsDoor = (name: SettingsCallName, fields: Fields, options: CallOptions) => Promise<Reply>;

/** The settings of the run's own organization through one entrance, as the holder of a management key reads and changes them. */
export class Office {
  readonly #door: SettingsDoor;
  readonly #world: World;
  readonly #managementKey: string;

  constructor(door: SettingsDoor, world: World, managementKey: string) {
    this.#door = door;
    this.#world = world;
    this.#managementKey = managementKey;
  }

  /** What they are. */
  async read(): Promise<LoginSettings> {
    return settingsIn('getOrganization', await this.#call('getOrganization', {}));
  }

  /** Changes them, and demands that they are told as changed. */
  async change(settings: LoginSettings): Promise<void> {
    const told = settingsIn('updateOrganization', await this.tryChange(settings));
    for (const [name, value] of Object.entries(settings)) {
      demandEqual(`${name} of updateOrganization`, value, told[name as keyof LoginSettings]);
    }
  }

  /** What a change is told. */
  tryChange(settings: Partial<LoginSettings>): Promise<Reply> {
    return this.#call('updateOrganization', { update_mask: Object.keys(settings), ...settings });
  }

  #call(name: SettingsCallName, fields: Fields): Promise<Reply> {
    const headers = { authorization: `Bearer ${this.#managementKey}` };
    return this.#door(name, { org_id: this.#world.ada.orgId, ...fields }, { headers });
  }
}

function settingsIn(what: string, reply: Reply): LoginSettings {
  const { settings } = demandSuccess(what, reply);
  demand(isObject(settings), `${what}: settings: an object`, `${what}: settings: ${typeof settings}`);
  const { require_verified_email, login_by_email, second_factor } = settings;
  demand(
    typeof require_verified_email === 'boolean' &&
      typeof login_by_email === 'boolean' &&
      typeof second_factor === 'string',
    `${what}: require_verified_email, login_by_email and second_factor`,
    `${what}: the settings ${Object.keys(settings).join(', ')}`,
  );
  return { require_verified_email, login_by_email, second_factor };
}

/** OrganizationService under `/organizations`. */
export function settingsRestDoor(http: HttpClient): SettingsDoor {
  return async (name, { org_id, ...fields }, { headers = {} }) => {
    const path = `/organizations/${encodeURIComponent(String(org_id))}`;
    if (name === 'getOrganization') {
      return authReply(await http.send({ method: 'GET', path, headers }));
    }
    const body = JSON.stringify(fields);
    return authReply(
      await http.send({ method: 'PATCH', path, headers: { 'content-type': 'application/json', ...headers }, body }),
    );
  };
}
