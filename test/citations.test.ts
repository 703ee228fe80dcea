import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './support/readme-blocks.ts';

/** Where text cites documents. Generated code says what the protos say. */
const CITING = ['src', 'test', 'bench', 'clients', 'proto', 'docs', '.ci', 'deploy', 'README.md', 'CHANGELOG.md'];
const READ = /(?:\.(?:ts|js|md|proto|go|py|java|rs|sql|service|yaml|toml|xml)|^\.ci\/[\w-]+)$/;
const NOT_OURS = /\b(?:node_modules|dist|target|build|third_party|gen)\//;
/** This file, whose examples cite nothing. */
const OWN = 'test/citations.test.ts';

/** A document, perhaps with what follows: its section, rows or bars. */
const CITATION =
  /(?<folder>docs\/)?\b(?<name>contract|performance|security)\.md(?<cited>(?:\W{1,4}(?:sections?|rows?|and|or|[A-Z]\d{1,2}\b|(?<=section )\d))*)/g;
const ROW = /\b[A-Z]\d{1,2}\b/g;
/** A row without its document: nobody would find it. */
const LONELY_ROW = /\b(?:rows?|security) (?:of )?[A-Z]\d{1,2}\b/;

const docs = (name: string) => readFileSync(join(ROOT, 'docs', `${name}.md`), 'utf8');
/** What can be cited of each document, beside the document itself. */
const PARTS: Readonly<Record<string, ReadonlySet<string>>> = {
  contract: partsOf(docs('contract'), /^## (\d)\. /gm),
  security: partsOf(docs('security'), /^\| ([A-Z]\d{1,2}) \|/gm),
  performance: partsOf(docs('performance'), /^\| (B\d{1,2}) \|/gm),
};

const texts = CITING.flatMap(filesAt)
  .filter((file) => READ.test(file) && !NOT_OURS.test(file) && file !== OWN)
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));

test('every document that is cited is in the repository, and so is the row, bar or section', () => {
  expect(
    texts.flatMap(({ file, text }) => faultsOf(text, file.startsWith('docs/')).map((f) => `${file}: ${f}`)),
  ).toEqual([]);
  const named = texts.flatMap(({ text }) => Array.from(text.matchAll(/\bdocs\/[\w-]+\.md/g), ([path]) => path));
  expect([...new Set(named)].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('the rule sees a citation that leads nowhere', () => {
  expect(faultsOf('(docs/security.md, W10), (docs/contract.md, section 2), (docs/performance.md, B1)', false)).toEqual(
    [],
  );
  expect(faultsOf('(security.md, W10)', false)).toEqual(['security.md is not in docs/']);
  expect(faultsOf('(docs/security.md, W1, W99)', false)).toEqual(['docs/security.md has no W99']);
  expect(faultsOf('(docs/security.md,\n * rows W1 and X1)', false)).toEqual(['docs/security.md has no X1']);
  expect(faultsOf('(docs/contract.md, section 9)', false)).toEqual(['docs/contract.md has no 9']);
  expect(faultsOf('within 15 s of row W3', false)).toEqual(['row W3 is of no document']);
});

test('every file that docs/security.md names is there, and each of its rows names a test', () => {
  const rows = docs('security').match(/^\| [A-Z]\d{1,2} \|.*$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(30);
  const named = rows.map((row) => Array.from(row.matchAll(/`(test\/[^`]+)`/g), ([, file = '']) => file));
  expect(named.flat().filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  expect(rows.filter((_, index) => !named[index]?.some((file) => file.endsWith('.test.ts')))).toEqual([]);
});

test('every row and every file that docs/asvs.md leans on is there', () => {
  const asvs = docs('asvs');
  const leaned = Array.from(asvs.matchAll(/^\| \d.*$/gm), ([line]) => line);
  expect(leaned.length).toBeGreaterThan(90);
  const rows = leaned.flatMap((line) => Array.from(line.matchAll(ROW), ([row]) => row));
  expect([...new Set(rows)].filter((row) => rowOf(row) === '')).toEqual([]);
  const files = leaned.flatMap((line) =>
    Array.from(line.matchAll(/`((?:test|src|release)\/[^`]*)`/g), ([, file = '']) => file),
  );
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test('a test that is named after a row is named by it', () => {
  const faults = texts.flatMap(({ file, text }) =>
    file.endsWith('.test.ts')
      ? Array.from(text.matchAll(/(?:describe|test)\S*\(\s*['"`]([A-Z]\d{1,2})[,:]/g), ([, row = '']) => row)
          .filter((row) => !rowOf(row).includes(`\`${file}\``))
          .map((row) => `${row} does not name ${file}`)
      : [],
  );
  expect([...new Set(faults)]).toEqual([]);
});

function rowOf(row: string): string {
  return docs('security').match(new RegExp(`^\\| ${row} \\|.*$`, 'm'))?.[0] ?? '';
}

/** What is wrong with the citations of a text. A document of `docs/` names its neighbours without the folder. */
function faultsOf(text: string, inDocs: boolean): string[] {
  const line = text.replaceAll(/\s*\n[ \t]*(?:\*|\/\/|#)?[ \t]*/g, ' ');
  const faults: string[] = [];
  for (const { groups } of line.matchAll(CITATION)) {
    const { folder = '', name = '', cited = '' } = groups ?? {};
    if (!inDocs && folder === '') {
      faults.push(`${name}.md is not in docs/`);
    }
    for (const part of cited.match(name === 'contract' ? /\d/g : ROW) ?? []) {
      if (!PARTS[name]?.has(part)) {
        faults.push(`docs/${name}.md has no ${part}`);
      }
    }
  }
  const lonely = LONELY_ROW.exec(line.replaceAll(CITATION, ''));
  return lonely === null ? faults : [...faults, `${lonely[0]} is of no document`];
}

function partsOf(text: string, pattern: RegExp): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(pattern), ([, part = '']) => part));
}

function filesAt(path: string): string[] {
  const absolute = join(ROOT, path);
  if (statSync(absolute).isFile()) {
    return [path];
  }
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}
