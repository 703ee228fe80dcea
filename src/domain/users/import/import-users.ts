import { AuthError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import type { ImportedUser } from '../storage.ts';
import { type DumpFormat, faultOfFormat } from './dump-formats.ts';
import type { FirebaseParameters } from './firebase-parameters.ts';
import { type LineReading, type ReadLine, readUserLine } from './user-line.ts';

/** One record of a dump: the line on which it begins, from 1 on, and its JSON; or why it has none. */
export type DumpRecord =
  | { readonly line: number; readonly value: unknown; readonly fault?: undefined }
  | { readonly line: number; readonly fault: string };

export interface UserImportInput {
  readonly orgId: string;
  readonly records: AsyncIterable<DumpRecord>;
  readonly format: DumpFormat;
  readonly firebase: FirebaseParameters | null;
  /** Whether nothing is to be written: all is read and judged as otherwise. */
  readonly isDryRun: boolean;
  /** Stops between two batches. */
  readonly signal: AbortSignal;
  /** Told of each record that is refused, in their order; awaited. */
  readonly onRefused: (line: number, fault: string) => Promise<void>;
  readonly onProgress: (counts: UserImportCounts) => void;
}

export interface UserImportCounts {
  readonly added: number;
  /** Whose e-mail was a user's, or another record's before: these stayed as they were. */
  readonly existing: number;
  readonly refused: number;
  readonly withoutPassword: number;
}

/** `isStopped`: before the end. What was counted by then is in the store, and a second run goes on from there. */
export interface UserImportReport extends UserImportCounts {
  readonly isStopped: boolean;
}

/** Some milliseconds of SQLite's time, in which no other write is done. */
const BATCH = 200;

/**
 * Adds the users of a dump to an organization, batch by batch, each of them whole or not at all. Whoever has an e-mail that is there
 * already stays as it is, so that a second run adds what the first did not. Holds one batch at a time. Throws ORGANIZATION_NOT_FOUND
 * where it is closed, and what the records throw.
 */
export async function importUsers(ports: Ports, input: UserImportInput): Promise<UserImportReport> {
  const { records, format, firebase, signal, onRefused, onProgress } = input;
  const now = ports.clock.now();
  const reading = { foreignHashes: ports.foreignHashes, firebase, now };
  const counts = { added: 0, existing: 0, refused: 0, withoutPassword: 0 };
  let batch: ImportedUser[] = [];
  const addBatch = async () => {
    const added = await (input.isDryRun ? wouldBeAdded(ports, input.orgId, batch) : add(ports, input.orgId, batch));
    counts.added += added.filter(Boolean).length;
    counts.existing += added.filter((isAdded) => !isAdded).length;
    counts.withoutPassword += batch.filter(({ passwordHash }, at) => added[at] && passwordHash === null).length;
    batch = [];
    onProgress(counts);
  };
  for await (const record of records) {
    const read = readRecord(record, format, reading);
    if (read.user === null) {
      counts.refused += 1;
      await onRefused(record.line, read.fault);
      continue;
    }
    batch.push({ ...read.user, userId: ports.ids.uuidV7(now) });
    if (batch.length === BATCH) {
      await addBatch();
      if (signal.aborted) {
        return { ...counts, isStopped: true };
      }
    }
  }
  if (signal.aborted) {
    return { ...counts, isStopped: true };
  }
  await addBatch();
  return { ...counts, isStopped: false };
}

function readRecord(record: DumpRecord, format: DumpFormat, reading: LineReading): ReadLine {
  if (record.fault !== undefined) {
    return { user: null, fault: record.fault };
  }
  const { value } = record;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return readUserLine(value, reading);
  }
  const user = value as Readonly<Record<string, unknown>>;
  const fault = faultOfFormat(format, user);
  return fault === null ? readUserLine(format.toLine(user, reading.now), reading) : { user: null, fault };
}

async function add({ storage }: Ports, orgId: string, batch: readonly ImportedUser[]): Promise<readonly boolean[]> {
  const result = await storage.importUsers(orgId, batch);
  if (result.outcome !== 'imported') {
    throw new AuthError('ORGANIZATION_NOT_FOUND');
  }
  return result.added;
}

/** Of two with one e-mail within a batch the first; over batches both, for nothing is remembered. */
async function wouldBeAdded(
  { storage, clock }: Ports,
  orgId: string,
  batch: readonly ImportedUser[],
): Promise<readonly boolean[]> {
  const emails = batch.map(({ email }) => email);
  const now = clock.now();
  const isFree = async (email: string) =>
    (await storage.findUserByEmail(orgId, email)) === null && !(await storage.isAddressKept(orgId, email, now));
  const free = await Promise.all(emails.map(isFree));
  return free.map((each, at) => each && emails.indexOf(emails[at] ?? '') === at);
}
