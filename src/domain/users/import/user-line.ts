import { readInstant } from '../../audit/instant.ts';
import type { FieldViolation } from '../../errors.ts';
import { readEmail, readOptionalLine } from '../../parameters.ts';
import type { ForeignHashes } from '../../ports.ts';
import { faultOfMetadata, metadataText } from '../metadata.ts';
import { faultOfRoles } from '../roles.ts';
import type { ImportedUser } from '../storage.ts';
import { type FirebaseParameters, firebaseHash } from './firebase-parameters.ts';

/** The members of a line (docs/importing-users.md). */
const MEMBERS = [
  'email',
  'fullname',
  'password_hash',
  'email_verified',
  'roles',
  'public_metadata',
  'private_metadata',
  'created_at',
  'disabled',
] as const;

type UserLine = Readonly<Record<(typeof MEMBERS)[number], unknown>>;

/** The longest `fullname`, in code points: as of SignUp. */
const MAX_FULLNAME = 200;

/** What a line is read with. */
export interface LineReading {
  readonly foreignHashes: ForeignHashes;
  /** Null where none were given. */
  readonly firebase: FirebaseParameters | null;
  /** The instant of the import: since when a user is disabled or verified of whom the line says only that. */
  readonly now: number;
}

/** A line that was read: all of a user but the id; or what is wrong with it, in sentences that quote nothing of it. */
export type ReadLine =
  | { readonly user: Omit<ImportedUser, 'userId'>; readonly fault: null }
  | { readonly user: null; readonly fault: string };

/** Reads what a line of an import says of a user. */
export function readUserLine(value: unknown, reading: LineReading): ReadLine {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { user: null, fault: 'The line must be a JSON object.' };
  }
  const faults: FieldViolation[] = [];
  const isKnown = (name: string) => MEMBERS.some((member) => member === name);
  if (!Object.keys(value).every(isKnown)) {
    faults.push({ field: 'The line', message: `must have no other members than ${MEMBERS.join(', ')}` });
  }
  const line = value as UserLine;
  const user = {
    email: readEmail('email', textOf('email', line, faults), faults),
    fullname: readOptionalLine('fullname', textOf('fullname', line, faults), MAX_FULLNAME, faults),
    passwordHash: readHash(line.password_hash, reading, faults),
    emailVerifiedAt: isTrue('email_verified', line, faults) ? reading.now : null,
    roles: readRoles(line.roles, faults),
    publicMetadata: readMetadata('public_metadata', line, faults),
    privateMetadata: readMetadata('private_metadata', line, faults),
    createdAt: readCreation(line, reading.now, faults),
    disabledAt: isTrue('disabled', line, faults) ? reading.now : null,
  };
  return faults.length === 0
    ? { user, fault: null }
    : { user: null, fault: faults.map(({ field, message }) => `${field} ${message}.`).join(' ') };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** '' where it is not given. */
function textOf(name: keyof UserLine, { [name]: value }: UserLine, faults: FieldViolation[]): string {
  if (isGiven(value) && typeof value !== 'string') {
    faults.push({ field: name, message: 'must be a string' });
  }
  return typeof value === 'string' ? value : '';
}

function isTrue(name: keyof UserLine, { [name]: value }: UserLine, faults: FieldViolation[]): boolean {
  if (isGiven(value) && typeof value !== 'boolean') {
    faults.push({ field: name, message: 'must be true or false' });
  }
  return value === true;
}

function readCreation(line: UserLine, now: number, faults: FieldViolation[]): number {
  const at = readInstant('created_at', textOf('created_at', line, faults), faults) ?? now;
  if (at > now || at < 0) {
    faults.push({ field: 'created_at', message: 'must lie between 1970 and now' });
  }
  return at;
}

function readRoles(value: unknown, faults: FieldViolation[]): readonly string[] {
  if (!isGiven(value)) {
    return [];
  }
  const isList = Array.isArray(value) && value.every((role) => typeof role === 'string');
  const message = isList ? faultOfRoles(value) : 'must be a list of strings';
  if (message !== null) {
    faults.push({ field: 'roles', message });
  }
  return isList ? value : [];
}

function readMetadata(name: keyof UserLine, { [name]: value }: UserLine, faults: FieldViolation[]): string {
  if (!isGiven(value)) {
    return '';
  }
  const message = faultOfMetadata(value);
  if (message !== null) {
    faults.push({ field: name, message });
    return '';
  }
  return metadataText(value as object);
}

/** A text in one of the spellings that are taken, Firebase's pair or Keycloak's credential; null where there is none. */
function readHash(value: unknown, { foreignHashes, firebase }: LineReading, faults: FieldViolation[]): string | null {
  if (!isGiven(value) || value === '') {
    return null;
  }
  const fault = (message: string) => {
    faults.push({ field: 'password_hash', message });
    return null;
  };
  if (typeof value !== 'string' && typeof value !== 'object') {
    return fault('must be a string or an object');
  }
  const ofFirebase = typeof value === 'string' ? null : firebaseHash(value as object, firebase);
  if (ofFirebase === 'without_parameters') {
    return fault("is Firebase's: give --firebase-parameters");
  }
  const read = foreignHashes.read(ofFirebase ?? (typeof value === 'string' ? value : JSON.stringify(value)));
  return 'fault' in read ? fault(read.fault) : read.stored;
}
