import type { Client } from '@grpc/grpc-js';
import type { Entrance } from './entrance.ts';
import type { HttpClient } from './http-client.ts';
import type { ManagedVisit } from './managed-visit.ts';
import type { LoginSettings } from './office.ts';
import type { Visit } from './visit.ts';
import type { World } from './world.ts';

/** The sections of the contract that are checked, in its order. */
export const SECTIONS = [
  '1 The six calls',
  '1 Names and values',
  '1 Keys and sessions',
  '1 Order of checks',
  '1 Content types',
  '1 Repeats',
  '1 /auth bodies',
  '2 Errors',
  '3 Tokens and keys',
  '4 Organizations',
  '4 Users',
  '5 Backend only',
  '6 Beside the calls',
  '7 Accounts',
  '8 Second factors',
] as const;

/** One of {@link SECTIONS}. */
export type Section = (typeof SECTIONS)[number];

/** One rule of the contract. It throws a Mismatch where the server keeps another, and leans on no other check. */
export interface Check<Place> {
  readonly section: Section;
  /** The rule in a few words. */
  readonly title: string;
  run(place: Place): Promise<void>;
}

/** A rule that is asked through each entrance. */
export interface EntranceCheck extends Check<Visit> {
  /** The entrances where it can be asked; all by default. */
  readonly where?: (entrance: Entrance) => boolean;
}

/** A rule of an organization that has changed its settings: nothing else is asked meanwhile, but this of the other entrances. */
export interface SettingsCheck extends Check<ManagedVisit> {
  readonly settings: LoginSettings;
}

/** The HTTP port beyond the calls. */
export interface HttpPort {
  readonly http: HttpClient;
  readonly world: World;
}

/** The gRPC port beyond the calls. */
export interface GrpcPort {
  readonly client: Client;
}
