import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { removal, reopenCommand, resumeCommand } from '../move-commands.ts';
import type { MoveMark } from '../move-mark.ts';
import { beginCopy, type CopyMark } from './begin.ts';
import { DigestBuilder, type TableDigest } from './digest.ts';
import { CopyRefusedError, CopySpoiledError, CopyStoppedError, MOST_FLAWS, NotCopyableError } from './errors.ts';
import { letGo, tellingHowToGoOn } from './interruption.ts';
import { type CopiedRow, type Flaw, type Key, keyOf, nulsIn } from './rows.ts';
import type { CopySide } from './side.ts';
import { COPIED_TABLES, type CopiedTable } from './tables.ts';

/** Rows read and written at once: less than a second of work, some megabytes at most. */
const BATCH_ROWS = 1000;

export interface CopyRequest {
  readonly source: CopySide;
  readonly target: CopySide;
  /** Whether a copy that was begun is gone on with, instead of a new one. */
  readonly resume: boolean;
  /** Milliseconds since 1970, for the marks. */
  readonly now: number;
  readonly onProgress: (progress: CopyProgress) => void;
  /** Ends the copy between two batches. */
  readonly signal: AbortSignal | undefined;
}

/** How far a copy is. */
export interface CopyProgress {
  /** The source is read and what cannot be copied is looked for; rows are copied; the target is read and compared. */
  readonly phase: 'reading' | 'copying' | 'verifying';
  readonly table: string;
  /** Of all tables, in this phase so far. */
  readonly rows: number;
  readonly totalRows: number;
}

/** What became of a table. */
export interface CopiedTableReport extends TableDigest {
  readonly table: string;
  /** Fewer than `rows` where an earlier run had copied some. */
  readonly copiedRows: number;
  /** What copying these took. */
  readonly seconds: number;
}

/**
 * Copies a store, verifies the copy and marks the source as moved. Both sides are of the newest schema and another store.
 *
 * Until the end the target is marked as half-copied and the source as moving: neither can be opened. What is interrupted, by an error or
 * by the death of the process, is gone on with by `resume`: whole batches stay. The source is what it was at one instant, at which every
 * acknowledged write was in it, because nobody can write it once it is marked.
 *
 * Throws CopyRefusedError where the sides do not fit (nothing is changed), NotCopyableError with a list (nothing is copied, the source
 * is as it was), CopyStoppedError when `signal` is aborted, CopySpoiledError where somebody else wrote to a side, and StoreError where
 * a database refuses.
 */
export async function copyStore(request: CopyRequest): Promise<readonly CopiedTableReport[]> {
  const { source, target, now } = request;
  const mark = await beginCopy({ ...request, copyId: randomUUID() });
  const expected = await prepare(request, mark);
  const copied = await tellingHowToGoOn(request, async () => {
    const tables = await copyTables(request, totalOf(expected));
    await source.endSnapshot();
    await target.analyze();
    await verify(request, expected);
    await finish(request, { ...mark.onSource, state: 'moved', markedAt: now });
    return tables;
  });
  return COPIED_TABLES.map((table) => {
    const digest = expected.get(table) ?? { rows: 0, sha256: '' };
    const { copiedRows, seconds } = copied.get(table) ?? { copiedRows: 0, seconds: 0 };
    return { table: table.name, ...digest, copiedRows, seconds };
  });
}

type Digests = ReadonlyMap<CopiedTable, TableDigest>;

/** Leaves the snapshot open, and the target claimed. What fails here in a new copy leaves the source as it was. */
async function prepare(request: CopyRequest, mark: CopyMark): Promise<Digests> {
  if (!mark.isNew) {
    return tellingHowToGoOn(request, () => readAndClaim(request, mark));
  }
  try {
    return await readAndClaim(request, mark);
  } catch (error) {
    await letGo(request, error);
    throw error instanceof CopyStoppedError
      ? new CopyStoppedError('The copy was stopped: nothing was copied, and its source is as it was.')
      : error;
  }
}

async function readAndClaim(request: CopyRequest, mark: CopyMark): Promise<Digests> {
  const { source, target } = request;
  await source.beginSnapshot();
  const flaws: Flaw[] = [];
  const digests = await digestsOf(request, source, 'reading', (table, rows, found) => {
    flaws.push(...found, ...(target.holdsNul ? [] : nulsIn(table, rows)));
    if (flaws.length >= MOST_FLAWS) {
      throw new NotCopyableError(source.place, flaws.slice(0, MOST_FLAWS));
    }
  });
  if (flaws.length > 0) {
    throw new NotCopyableError(source.place, flaws);
  }
  if (!(await target.claim(mark.onTarget))) {
    throw new CopyRefusedError(
      `${target.place} was written by somebody else meanwhile: ${removal(target.place)}, then copy again.`,
    );
  }
  return digests;
}

interface TableCopied {
  readonly copiedRows: number;
  readonly seconds: number;
}

async function copyTables(request: CopyRequest, totalRows: number): Promise<ReadonlyMap<CopiedTable, TableCopied>> {
  const { source, target, onProgress } = request;
  const copied = new Map<CopiedTable, TableCopied>();
  let rows = 0;
  for (const table of COPIED_TABLES) {
    const begunAt = performance.now();
    const lastKey = await target.lastKey(table);
    const before = lastKey === null ? 0 : await target.count(table);
    rows += before;
    let copiedRows = 0;
    // One batch is read while the one before is written.
    let writing: Promise<unknown> = Promise.resolve();
    try {
      for await (const { rows: batch } of batchesOf(request, source, { table, after: lastKey })) {
        await writing;
        onProgress({ phase: 'copying', table: table.name, rows, totalRows });
        writing = target.insert(table, batch);
        // Its failure is met where it is awaited.
        writing.catch(() => undefined);
        copiedRows += batch.length;
        rows += batch.length;
      }
    } finally {
      await writing;
    }
    onProgress({ phase: 'copying', table: table.name, rows, totalRows });
    copied.set(table, { copiedRows, seconds: (performance.now() - begunAt) / 1000 });
  }
  return copied;
}

async function verify(request: CopyRequest, expected: Digests): Promise<void> {
  const { source, target } = request;
  await target.beginSnapshot();
  const found = await digestsOf(request, target, 'verifying');
  await target.endSnapshot();
  const different = COPIED_TABLES.filter((table) => found.get(table)?.sha256 !== expected.get(table)?.sha256);
  if (different.length > 0) {
    const list = different.map((table) => {
      return `${table.name} (${found.get(table)?.rows} rows of ${expected.get(table)?.rows})`;
    });
    throw new CopySpoiledError(
      `${target.place} differs from ${source.place} in ${list.join(', ')}: somebody else wrote it. See that nobody does, then ` +
        `${removal(target.place)}, run ${reopenCommand(source.place)}, and copy again.`,
    );
  }
}

/** The source first: there is no moment in which both can be opened. */
async function finish({ source, target }: CopyRequest, moved: MoveMark): Promise<void> {
  for (const [side, mark] of [
    [source, moved],
    [target, null],
  ] as const) {
    if (!(await side.replaceMark(moved.copyId, mark))) {
      throw new CopySpoiledError(
        `The mark of ${side.place} was taken away during the copy: what was written there since is not in ${target.place}. ` +
          `For ${target.place}: ${removal(target.place)}. Then copy again.`,
      );
    }
  }
}

async function digestsOf(
  request: CopyRequest,
  side: CopySide,
  phase: CopyProgress['phase'],
  look: (table: CopiedTable, rows: readonly CopiedRow[], flaws: readonly Flaw[]) => void = () => undefined,
): Promise<Digests> {
  const digests = new Map<CopiedTable, TableDigest>();
  let totalRows = 0;
  for (const table of COPIED_TABLES) {
    totalRows += await side.count(table);
  }
  let rows = 0;
  for (const table of COPIED_TABLES) {
    const builder = new DigestBuilder(table);
    for await (const batch of batchesOf(request, side, { table, after: null })) {
      builder.add(batch.rows);
      look(table, batch.rows, batch.flaws);
      rows += batch.rows.length;
      request.onProgress({ phase, table: table.name, rows, totalRows });
    }
    digests.set(table, builder.finish());
  }
  return digests;
}

interface Span {
  readonly table: CopiedTable;
  readonly after: Key | null;
}

async function* batchesOf({ signal, source, target }: CopyRequest, side: CopySide, { table, after }: Span) {
  for (let key = after; ; ) {
    // SQLite holds up the event loop, and with it the signals.
    await setImmediate();
    if (signal?.aborted) {
      throw new CopyStoppedError(
        `The copy was stopped: what was copied stays in ${target.place}. To go on with it: ` +
          `${resumeCommand(source.place, target.place)}. To serve ${source.place} again instead: ${removal(target.place)}, then: ` +
          reopenCommand(source.place),
      );
    }
    const batch = await side.read(table, key, BATCH_ROWS);
    const last = batch.rows.at(-1);
    if (last === undefined) {
      return;
    }
    yield batch;
    if (batch.rows.length < BATCH_ROWS) {
      return;
    }
    key = keyOf(table, last);
  }
}

function totalOf(digests: Digests): number {
  return [...digests.values()].reduce((sum, { rows }) => sum + rows, 0);
}
