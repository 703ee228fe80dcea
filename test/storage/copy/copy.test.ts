import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { storeEngine } from '../../../src/app/release-engine.ts';
import { type CopiedTableReport, type CopyProgress, copyStore } from '../../../src/storage/copy/copy.ts';
import { NotCopyableError } from '../../../src/storage/copy/errors.ts';
import type { CopySide } from '../../../src/storage/copy/side.ts';
import { openCopySide } from '../../../src/storage/copy/sides.ts';
import { COPIED_TABLES } from '../../../src/storage/copy/tables.ts';
import { placeOf } from '../../../src/storage/database.ts';
import { removal, reopenCommand, resumeCommand } from '../../../src/storage/move-commands.ts';
import { type FaultProxy, startFaultProxy } from '../../support/postgres/fault-proxy.ts';
import { NOW, signingKey, storeIdentity } from '../fixtures.ts';
import { engineAt } from '../sqlite-files.ts';
import { ENGINES, fill, postgresStore, sqliteStore, type TestStore } from './stores.ts';

const ROWS = 2500;
const PAIRS = [
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
  ['sqlite', 'sqlite'],
  ['postgres', 'postgres'],
] as const;

describe.each(PAIRS)('from %s to %s', (from, to) => {
  test('every row of every table is there, and the source is marked as moved', async () => {
    const [source, target] = [await ENGINES[from](), await ENGINES[to]()];
    await fill(source, ROWS);
    const report = await copied(source, target);
    expect(report.map(({ table, rows, copiedRows }) => [table, rows, copiedRows])).toEqual(
      COPIED_TABLES.map(({ name }) => {
        const rows = name === 'store' ? 1 : name === 'organizations' ? 5 : ROWS;
        return [name, rows, rows];
      }),
    );
    expect(await markOf(target)).toBeNull();
    expect(await markOf(source)).toMatchObject({ state: 'moved', otherPlace: placeOf(target.database), markedAt: NOW });
  });

  test('a copy that was broken off is gone on with: whole batches stay, and the digests are those of one run', async () => {
    const [source, target, other] = [await ENGINES[from](), await ENGINES[to](), await ENGINES[to]()];
    await fill(source, ROWS);
    await expect(copied(source, target, { failAfter: 6 })).rejects.toThrow('broken off');
    expect([(await markOf(source))?.state, (await markOf(target))?.state]).toEqual(['moving', 'half_copied']);
    await expect(copied(source, target)).rejects.toThrow('--resume');
    await expect(copied(source, other, { resume: true })).rejects.toThrow(placeOf(target.database));

    const resumed = await copied(source, target, { resume: true });
    const copiedNow = resumed.reduce((sum, { copiedRows }) => sum + copiedRows, 0);
    const rows = resumed.reduce((sum, each) => sum + each.rows, 0);
    expect(copiedNow).toBeLessThan(rows - 3000);
    expect(await markOf(target)).toBeNull();

    // From the copy once more, in one run.
    const again = await copied(target, other);
    expect(digests(again)).toEqual(digests(resumed));
  });
});

test('there and back again every digest is the same', async () => {
  const [first, there, back] = [await sqliteStore(), await postgresStore(), await sqliteStore()];
  await fill(first, ROWS);
  const out = await copied(first, there);
  expect(digests(await copied(there, back))).toEqual(digests(out));
});

test('PostgreSQL moves over SQLite and back without a change', async () => {
  const [first, there, back] = [await postgresStore(), await sqliteStore(), await postgresStore()];
  await fill(first, ROWS);
  const out = await copied(first, there);
  expect(digests(await copied(there, back))).toEqual(digests(out));
});

describe.each(Object.keys(ENGINES) as (keyof typeof ENGINES)[])('on %s', (engine) => {
  test('a target that holds anything is refused, and the source stays as it was', async () => {
    const [source, target] = [await ENGINES.sqlite(), await ENGINES[engine]()];
    await fill(source, 3);
    await target.execute(`INSERT INTO {schema}.spent_nonces (nonce_id, keep_until) VALUES ('n', 1)`);
    for (const resume of [false, true]) {
      await expect(copied(source, target, { resume })).rejects.toMatchObject({ name: 'CopyRefusedError' });
    }
    expect([await markOf(source), await markOf(target)]).toEqual([null, null]);
  });

  test('a target that holds no more than a store that was just made takes the copy, and its own identity and key go', async () => {
    const [source, target] = [await ENGINES.sqlite(), await ENGINES[engine]()];
    await fill(source, 3);
    const storage = await (await storeEngine(target)).open();
    await storage.initialize({ storeId: randomUUID(), epoch: 'its own', secretCheck: Buffer.alloc(32) }, signingKey());
    await storage.close();
    await copied(source, target);
    const identity = await withSide(source, (side) => side.readIdentity());
    expect(await withSide(target, (side) => side.readIdentity())).toEqual(identity);
    expect(await target.execute('SELECT kid FROM {schema}.signing_keys')).toHaveLength(3);
  });

  test('a store that was moved away is no target, and what removing it is is said', async () => {
    const [source, target] = [await ENGINES.sqlite(), await ENGINES[engine]()];
    await fill(target, 3);
    await copied(target, source);
    const error = await copied(source, target).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({
      name: 'CopyRefusedError',
      message: expect.stringContaining('still holds what was moved'),
    });
    expect((error as Error).message).toContain(removal(placeOf(target.database)));
    expect((await markOf(target))?.state).toBe('moved');
  });

  test('a store that is being moved is no half of its own copy', async () => {
    const store = await ENGINES[engine]();
    const mark = { state: 'moving', copyId: randomUUID(), otherPlace: 'elsewhere', markedAt: NOW } as const;
    await withSide(store, (side) => side.fence(mark));
    expect(await withSide(store, (side) => side.claim({ ...mark, state: 'half_copied' }))).toBe(false);
    expect(await markOf(store)).toEqual(mark);
  });

  test('a half of another store is not gone on with', async () => {
    const [source, another, target] = [await ENGINES.sqlite(), await ENGINES.sqlite(), await ENGINES[engine]()];
    await fill(source, 10);
    await fill(another, 10);
    await expect(copied(source, target, { failAfter: 4 })).rejects.toThrow('broken off');
    await expect(copied(another, await ENGINES.sqlite(), { failAfter: 4 })).rejects.toThrow('broken off');
    for (const resume of [false, true]) {
      await expect(copied(another, target, { resume })).rejects.toMatchObject({ name: 'CopyRefusedError' });
    }
  });

  test('a half is not gone on with when its source was opened again in between', async () => {
    const [source, target] = [await ENGINES[engine](), await ENGINES.sqlite()];
    await fill(source, 10);
    await expect(copied(source, target, { failAfter: 4 })).rejects.toThrow('broken off');
    await withSide(source, (side) => side.unfence());
    for (const resume of [false, true]) {
      await expect(copied(source, target, { resume })).rejects.toMatchObject({ name: 'CopyRefusedError' });
    }
    expect(await markOf(source)).toBeNull();
  });

  test('a row of the target that somebody else changed is found, and neither side can be opened', async () => {
    const [source, target] = [await ENGINES.sqlite(), await ENGINES[engine]()];
    await fill(source, 10);
    await expect(copied(source, target, { failAfter: 4 })).rejects.toThrow('broken off');
    await target.execute(`UPDATE {schema}.organizations SET name = 'Mallory' WHERE session_generation = 1`);
    await expect(copied(source, target, { resume: true })).rejects.toThrow('organizations (5 rows of 5)');
    expect([(await markOf(source))?.state, (await markOf(target))?.state]).toEqual(['moving', 'half_copied']);
  });

  test('a mark that was taken away during the copy is noticed', async () => {
    const [source, target] = [await ENGINES.sqlite(), await ENGINES[engine]()];
    await fill(source, 3);
    const sides = await openSides(source, target);
    const reopening = withChanges(sides.target, {
      async analyze() {
        await sides.source.unfence();
      },
    });
    await expect(copyStore(requestOf({ ...sides, target: reopening }))).rejects.toThrow('taken away');
    expect(await sides.target.readMark()).toMatchObject({ state: 'half_copied' });
  });
});

test('a target that was just made and that a server has open takes no copy, and the source stays as it was', async () => {
  const [source, target] = [await sqliteStore(), await postgresStore()];
  await fill(source, 3);
  const storage = await (await storeEngine(target)).open();
  await storage.initialize({ storeId: randomUUID(), epoch: 'its own', secretCheck: Buffer.alloc(32) }, signingKey());
  await expect(copied(source, target)).rejects.toThrow('is in use');
  expect([await markOf(source), await markOf(target)]).toEqual([null, null]);
  await storage.close();
});

test('a store is not copied to itself under the name of another host, and stays as it was', async () => {
  const store = await postgresStore();
  const storage = await (await storeEngine(store)).open();
  await storage.initialize(storeIdentity(), signingKey());
  await storage.close();
  const { proxied } = await throughProxy(store);
  await expect(copied(store, proxied)).rejects.toMatchObject({
    name: 'CopyRefusedError',
    message: expect.stringContaining('the same store'),
  });
  expect(await markOf(store)).toBeNull();
  expect(await store.execute('SELECT 1 FROM {schema}.signing_keys')).toHaveLength(1);
});

describe('a source whose connection is lost while it is read', () => {
  test('is as it was, and may be copied again', async () => {
    const store = await postgresStore();
    await fill(store, 3);
    const { proxied: source, proxy } = await throughProxy(store);
    await expect(copiedWhileReading(source, () => proxy.cutAll())).rejects.toThrow('closed the connection');
    expect(await markOf(store)).toBeNull();
    expect(await store.execute('SELECT 1 FROM {schema}.users')).toHaveLength(3);
    await copied(store, await sqliteStore());
  });

  test('says how it is served again, or the copy gone on with, where it is not to be reached', async () => {
    const store = await postgresStore();
    await fill(store, 3);
    const { proxied: source, proxy } = await throughProxy(store);
    const lost = copiedWhileReading(source, () => {
      proxy.refusals = Number.POSITIVE_INFINITY;
      proxy.cutAll();
    });
    const { name, message }: Error = await lost.then(
      () => new Error('it was copied'),
      (error) => error,
    );
    expect(name).toBe('StoreError');
    expect(message).toContain('closed the connection');
    expect(message).toContain(reopenCommand(placeOf(source.database)));
    expect((await markOf(store))?.state).toBe('moving');
  });

  test('goes on by the command that is told when a copy is gone on with', async () => {
    const [store, target] = [await postgresStore(), await sqliteStore()];
    await fill(store, ROWS);
    const { proxied: source, proxy } = await throughProxy(store);
    await expect(copied(source, target, { failAfter: 4 })).rejects.toThrow('broken off');
    const lost = copiedWhileReading(source, () => proxy.cutAll(), { target, resume: true });
    await expect(lost).rejects.toThrow(resumeCommand(placeOf(source.database), placeOf(target.database)));
    await copied(source, target, { resume: true });
  });
});

test('a copy whose connection is lost says how it is gone on with, and is', async () => {
  const source = await sqliteStore();
  const { proxied: target, proxy } = await throughProxy(await postgresStore());
  await fill(source, ROWS);
  const sides = await openSides(source, target);
  let batches = 0;
  const cutting = withChanges(sides.target, {
    async insert(table, rows) {
      batches += 1;
      if (batches === 4) {
        proxy.cutAll();
      }
      await sides.target.insert(table, rows);
    },
  });
  const error = await copyStore(requestOf({ ...sides, target: cutting })).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ name: 'StoreError' });
  expect((error as Error).message).toContain(resumeCommand(placeOf(source.database), placeOf(target.database)));
  await sides.source.close();
  await sides.target.close();
  await copied(source, target, { resume: true });
});

describe('what PostgreSQL cannot hold', () => {
  test('is listed by row and column and never by value, and nothing is changed', async () => {
    const [source, target] = [await sqliteStore(), await postgresStore()];
    await fill(source, 1200);
    const change = `UPDATE users SET fullname = fullname || char(0) || 'secret' WHERE credential_version IN (7, 1100)`;
    await source.execute(change);
    const error: unknown = await copied(source, target).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotCopyableError);
    const users = await source.execute(
      'SELECT org_id, user_id FROM users WHERE credential_version IN (7, 1100) ORDER BY org_id, user_id',
    );
    expect((error as NotCopyableError).flaws).toEqual(
      users.map(({ org_id, user_id }) => ({
        table: 'users',
        row: `${org_id} ${user_id}`,
        column: 'fullname',
        fault: 'nul',
      })),
    );
    expect(String((error as Error).message)).not.toContain('secret');
    expect([await markOf(source), await markOf(target)]).toEqual([null, null]);
    expect(await withSide(target, (side) => side.isEmpty())).toBe(true);
    // A file holds it.
    await copied(source, await sqliteStore());
  });

  test('text that is no UTF-8 is listed too, and not mended in silence', async () => {
    const source = await sqliteStore();
    await fill(source, 3);
    await source.execute(`UPDATE users SET fullname = CAST(x'41ff42' AS TEXT) WHERE credential_version = 2`);
    await expect(copied(source, await sqliteStore())).rejects.toMatchObject({
      flaws: [{ table: 'users', column: 'fullname', fault: 'not_utf8' }],
    });
  });
});

describe('a source that moves', () => {
  test('is refused to every statement of a server that still runs on PostgreSQL', async () => {
    const [source, target] = [await postgresStore(), await sqliteStore()];
    await fill(source, 3);
    await copied(source, target);
    for (const { name } of COPIED_TABLES) {
      await expect(source.execute(`DELETE FROM {schema}.${name}`)).rejects.toMatchObject({ code: '42P01' });
    }
    await withSide(source, (side) => side.unfence());
    expect(await source.execute('SELECT 1 FROM {schema}.users')).toHaveLength(3);
  });

  test('in a file that a server has open is refused, with nothing changed', async () => {
    const [source, target] = [await sqliteStore(), await sqliteStore()];
    await fill(source, 3);
    const storage = await engineAt(fileOf(source)).open();
    await expect(openCopySide(source.database)).rejects.toThrow('in use');
    await storage.close();
    await copied(source, target);
  });

  test('cannot be opened while it is copied', async () => {
    const [source, target] = [await sqliteStore(), await sqliteStore()];
    await fill(source, 3);
    const sides = await openSides(source, target);
    const refusals: string[] = [];
    const refusalOf = (store: TestStore) =>
      engineAt(fileOf(store))
        .open()
        .then(
          () => 'opened',
          (error: Error) => error.message,
        );
    const looking = withChanges(sides.target, {
      async analyze() {
        refusals.push(await refusalOf(source), await refusalOf(target));
      },
    });
    await copyStore(requestOf({ ...sides, target: looking }));
    expect(refusals).toEqual([expect.stringContaining('is being moved'), expect.stringContaining('is not finished')]);
  });
});

test('a copy that is asked to stop before it copies leaves both sides as they were', async () => {
  const [source, target] = [await sqliteStore(), await postgresStore()];
  await fill(source, 3);
  const sides = await openSides(source, target);
  const stopped = copyStore({ ...requestOf(sides), signal: AbortSignal.abort() });
  await expect(stopped).rejects.toMatchObject({ name: 'CopyStoppedError' });
  expect([await sides.source.readMark(), await sides.target.readMark()]).toEqual([null, null]);
});

test('a copy that is asked to stop between two batches can be gone on with', async () => {
  const [source, target] = [await sqliteStore(), await postgresStore()];
  await fill(source, ROWS);
  const controller = new AbortController();
  const onProgress = ({ phase, table }: CopyProgress) => {
    if (phase === 'copying' && table === 'users') {
      controller.abort();
    }
  };
  const sides = await openSides(source, target);
  const stopped = copyStore({ ...requestOf(sides), onProgress, signal: controller.signal });
  await expect(stopped).rejects.toThrow('--resume');
  await sides.source.close();
  await sides.target.close();
  expect(await copied(source, target, { resume: true })).toContainEqual(
    expect.objectContaining({ table: 'organizations', copiedRows: 0, rows: 5 }),
  );
});

/** The same store, by connections that can be cut. */
async function throughProxy(store: TestStore): Promise<{ readonly proxied: TestStore; readonly proxy: FaultProxy }> {
  const { database } = store;
  const [host] = database.engine === 'postgres' ? database.hosts : [];
  if (database.engine !== 'postgres' || host === undefined) {
    throw new Error('it is no store on PostgreSQL');
  }
  const proxy = await startFaultProxy(host);
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  return { proxied: { ...store, database: { ...database, hosts: [proxy] } }, proxy };
}

interface ReadingOptions {
  readonly target: TestStore;
  readonly resume: boolean;
}

/** `interrupt` comes before the first rows are read. */
async function copiedWhileReading(source: TestStore, interrupt: () => void, options?: ReadingOptions): Promise<void> {
  const { target, resume } = options ?? { target: await sqliteStore(), resume: false };
  const sides = await openSides(source, target);
  const interrupted = withChanges(sides.source, {
    read(...args) {
      interrupt();
      return sides.source.read(...args);
    },
  });
  try {
    await copyStore({ ...requestOf({ ...sides, source: interrupted }), resume });
  } finally {
    await sides.source.close();
    await sides.target.close();
  }
}

interface CopyOptions {
  readonly resume?: boolean;
  /** Breaks the copy off after so many batches were written. */
  readonly failAfter?: number;
}

async function copied(
  source: TestStore,
  target: TestStore,
  { resume = false, failAfter = Number.POSITIVE_INFINITY }: CopyOptions = {},
): Promise<readonly CopiedTableReport[]> {
  const sides = { source: await openCopySide(source.database), target: await openCopySide(target.database) };
  let batches = 0;
  const breaking = withChanges(sides.target, {
    async insert(table, rows) {
      batches += 1;
      if (batches > failAfter) {
        throw new Error('broken off');
      }
      await sides.target.insert(table, rows);
    },
  });
  try {
    return await copyStore({ ...requestOf({ ...sides, target: breaking }), resume });
  } finally {
    await sides.source.close();
    await sides.target.close();
  }
}

function requestOf(sides: { readonly source: CopySide; readonly target: CopySide }) {
  return { ...sides, resume: false, now: NOW, onProgress: () => undefined, signal: undefined };
}

async function openSides(source: TestStore, target: TestStore) {
  const sides = { source: await openCopySide(source.database), target: await openCopySide(target.database) };
  onTestFinished(async () => {
    await sides.source.close();
    await sides.target.close();
  });
  return sides;
}

function withChanges(side: CopySide, changes: Partial<CopySide>): CopySide {
  return new Proxy(side, {
    get(_, name) {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(side, name, side);
      return typeof value === 'function' && !(name in changes) ? value.bind(side) : value;
    },
  });
}

async function withSide<T>(store: TestStore, work: (side: CopySide) => Promise<T>): Promise<T> {
  const side = await openCopySide(store.database);
  try {
    return await work(side);
  } finally {
    await side.close();
  }
}

function markOf(store: TestStore) {
  return withSide(store, (side) => side.readMark());
}

function digests(report: readonly CopiedTableReport[]) {
  return report.map(({ table, rows, sha256 }) => ({ table, rows, sha256 }));
}

function fileOf({ database }: TestStore): string {
  return database.engine === 'sqlite' ? database.file : '';
}
