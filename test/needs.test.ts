import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What npm itself runs on. */
const GIVEN = ['node', 'npm', '/bin/sh'];
const STARTED = /\b(?:spawn|spawnSync|execFile|execFileSync)\(\s*'([^']+)'/g;
const ASKED_FOR = /\bneeds\(\s*\w+,[^[]*\[\s*'([^']+)'/g;

test('npm test needs nothing but Node: what else a test starts it asks for, and is skipped aloud without', () => {
  const texts = readdirSync(import.meta.dirname, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
    // The suites of others bring packages of their own.
    .filter(({ parentPath }) => !/\/(clients|node_modules)(\/|$)/.test(parentPath))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  const found = (pattern: RegExp) =>
    new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name)));
  const started = found(STARTED);
  expect([...started]).toEqual(expect.arrayContaining(['bash', 'prlimit']));
  const askedFor = found(ASKED_FOR);
  expect([...started].filter((name) => !askedFor.has(name) && !GIVEN.includes(name ?? ''))).toEqual([]);
});
