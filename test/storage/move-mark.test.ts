import { expect, test } from 'vitest';
import type { PostgresDatabase } from '../../src/storage/database.ts';
import { placeOf } from '../../src/storage/database.ts';
import { removal, reopenCommand, resumeCommand } from '../../src/storage/move-commands.ts';
import { type MoveMark, markSentence } from '../../src/storage/move-mark.ts';

const FILE = '/var/lib/authflow/authflow.db';
const SERVER = placeAt({});

function placeAt(changes: Partial<PostgresDatabase>): string {
  const hosts = [{ host: 'db.example', port: 5432 }];
  return placeOf({
    engine: 'postgres',
    hosts,
    database: 'authflow',
    schema: 'authflow',
    ...changes,
  } as PostgresDatabase);
}

function sentence(state: MoveMark['state'], place: string, otherPlace: string): string {
  return markSentence(place, { state, otherPlace, copyId: 'c', markedAt: 0 });
}

test('a sentence about a store that moves has the commands whole, and says what removing it is', () => {
  const resume = `authflow copy --resume --from sqlite:${FILE} --to postgres://USER:PASSWORD@db.example:5432/authflow`;
  const reopen = `authflow copy --reopen sqlite:${FILE}`;
  const drop = 'run DROP SCHEMA "authflow" CASCADE in the database "authflow"';
  for (const part of [resume, drop, reopen]) {
    expect(sentence('moving', FILE, SERVER)).toContain(part);
  }
  expect(sentence('moved', FILE, SERVER)).toContain(reopen);
  for (const part of [resume, drop]) {
    expect(sentence('half_copied', SERVER, FILE)).toContain(part);
  }
  expect(sentence('half_copied', FILE, SERVER)).toContain(`remove the file ${FILE}`);
});

test.each([
  ['/data/it is mine.db', `'sqlite:/data/it is mine.db'`],
  [`/data/ada's.db`, `'sqlite:/data/ada'\\''s.db'`],
  [placeAt({ hosts: [{ host: '::1', port: 5432 }] }), `'postgres://USER:PASSWORD@[::1]:5432/authflow'`],
  [
    placeAt({ hosts: ['a', 'b'].map((host) => ({ host, port: 5433 })), database: 'my/db' }),
    'postgres://USER:PASSWORD@a:5433,b:5433/my%2Fdb',
  ],
  [
    placeAt({ hosts: [{ host: '/var/run/postgresql', port: 5432 }] }),
    `'postgres://USER:PASSWORD@:5432/authflow?host=/var/run/postgresql'`,
  ],
])('%s is written as a shell takes it', (place, url) => {
  expect(reopenCommand(place)).toBe(`authflow copy --reopen ${url}`);
});

test('another schema goes with the command, and is the one to drop', () => {
  const place = placeAt({ schema: 'trial' });
  expect(resumeCommand(FILE, place)).toMatch(/^AUTHFLOW_DATABASE_SCHEMA=trial authflow copy --resume /);
  expect(removal(place)).toContain('DROP SCHEMA "trial" CASCADE');
});
