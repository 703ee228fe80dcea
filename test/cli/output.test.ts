import { expect, test } from 'vitest';
import { explain } from '../../src/cli/failure.ts';
import { instant, Output, type Row } from '../../src/cli/output.ts';
import { everyPage } from '../../src/cli/pages.ts';
import { CapturedStream } from './captured-terminal.ts';

const HOSTILE = 'a\u001b[31m\r\nb\u009b2J\u202ec\u2028';

function capture() {
  const [stdout, stderr] = [new CapturedStream(), new CapturedStream()];
  return { output: new Output({ stdout, stderr }), stdout, stderr };
}

test('a table has the width of its first page, shows yes, no and - for nothing, and no space at the end', async () => {
  const { output, stdout } = capture();
  const pages: Row[][] = [
    [
      { name: 'Acme', live: true, closed_at: null },
      { name: 'Ärzte', live: false, closed_at: 'x' },
    ],
    [{ name: 'much longer', live: true, closed_at: 'y' }],
  ];
  await output.list(['name', 'live', 'closed_at'], pages);
  expect(stdout.text).toBe(
    ['name   live  closed_at', 'Acme   yes   -', 'Ärzte  no    x', 'much longer  yes   y', ''].join('\n'),
  );
});

test('a disk that is full is told, and is no fault of the program', async () => {
  const full = Object.assign(new Error('hunter2'), { code: 'ENOSPC' });
  const stdout = { write: (_: string, done: (error: Error) => void) => done(full) };
  const error = await new Output({ stdout, stderr: new CapturedStream() }).lines('x').catch((error) => error);
  expect(explain(error)).toEqual({ exitCode: 3, lines: ['The output cannot be written (ENOSPC).'] });
});

test('an empty list is a header, or an empty array', async () => {
  const { output, stdout } = capture();
  await output.list(['name'], [[]]);
  expect(stdout.text).toBe('name\n');
  stdout.text = '';
  await output.list(['name'], [[]], true);
  expect(JSON.parse(stdout.text)).toEqual([]);
});

test('a list in JSON is one array over all pages, with every field of its rows', async () => {
  const { output, stdout } = capture();
  const pages = everyPage(async ({ pageToken }) => {
    const page = pageToken === '' ? 0 : Number(pageToken);
    return { items: [{ page, hidden: HOSTILE }], nextPageToken: page < 4 ? String(page + 1) : '' };
  });
  await output.list(['page'], pages, true);
  expect(JSON.parse(stdout.text)).toEqual([0, 1, 2, 3, 4].map((page) => ({ page, hidden: HOSTILE })));
});

test('lists ask for the largest page, and for the next one until there is none', async () => {
  const asked: unknown[] = [];
  const pages = everyPage(async (page) => {
    asked.push(page);
    return { items: [], nextPageToken: asked.length < 3 ? 'next' : '' };
  });
  for await (const page of pages) {
    expect(page).toEqual([]);
  }
  expect(asked).toEqual([
    { pageSize: 200, pageToken: '' },
    { pageSize: 200, pageToken: 'next' },
    { pageSize: 200, pageToken: 'next' },
  ]);
});

test('what the store holds cannot act on a terminal, and keeps its value in JSON', async () => {
  const { output, stdout, stderr } = capture();
  await output.record({ name: HOSTILE });
  await output.list(['name'], [[{ name: HOSTILE }]]);
  await output.notice(HOSTILE);
  const shown = stdout.text + stderr.text;
  expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
  expect(shown.split('\n')).toHaveLength(5);
  stdout.text = '';
  await output.record({ name: HOSTILE }, true);
  expect(stdout.text).not.toMatch(/[\u009b\u2028\u202e]/);
  expect(JSON.parse(stdout.text)).toEqual({ name: HOSTILE });
});

test('a reader that has gone is an error of the write, for run() to be quiet about', async () => {
  const gone = {
    write(_: string, done: (error: Error) => void) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    },
  };
  const output = new Output({ stdout: gone, stderr: new CapturedStream() });
  await expect(output.lines('x')).rejects.toMatchObject({ code: 'EPIPE' });
});

test('instants are whole seconds', () => {
  expect(instant(1_700_000_000_999)).toBe('2023-11-14T22:13:20Z');
  expect(instant(null)).toBeNull();
});
