import { Desk, type ManagedUser, restDoor } from './desk.ts';
import { demandSuccess } from './expectations.ts';
import { Office, settingsRestDoor } from './office.ts';
import { once } from './once.ts';
import { type SetUpFactor, setUpFactor } from './second-factor.ts';
import type { Visit } from './visit.ts';

/** An entrance with a back office behind it, which asks by the same way where that leads to its services, else by `/organizations`. */
export class ManagedVisit {
  readonly visit: Visit;
  readonly desk: Desk;
  readonly office: Office;

  constructor(visit: Visit, managementKey: string) {
    const { entrance, world } = visit;
    this.visit = visit;
    this.desk = new Desk(entrance.family === 'rpc' ? entrance.call : restDoor(world.http), world, managementKey);
    const settingsDoor = entrance.family === 'rpc' ? entrance.call : settingsRestDoor(world.http);
    this.office = new Office(settingsDoor, world, managementKey);
  }

  /** A user of this entrance alone whose address is proven, with a second factor. */
  readonly guarded = once(async (): Promise<{ readonly person: ManagedUser; readonly factor: SetUpFactor }> => {
    const person = await this.desk.newPerson({ email_verified: true });
    const session = this.visit.session(person.email, await this.visit.world.newSession(person));
    return { person, factor: await setUpFactor((name, fields) => this.visit.call(name, fields), session) };
  });

  /** The token of a mail, as the back office would send it itself. */
  async mailToken(user_id: string, kind: 'verify' | 'reset'): Promise<unknown> {
    return demandSuccess('createMailToken', await this.desk.call('createMailToken', { user_id, kind })).token;
  }
}
