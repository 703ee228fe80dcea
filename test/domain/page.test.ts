import { expect, test } from 'vitest';
import type { FieldViolation } from '../../src/domain/errors.ts';
import { readPage, takePage } from '../../src/domain/page.ts';

const ID = '01a20836-b9a3-76f3-a512-3906e2d40836';

function read(pageSize: number, pageToken = '') {
  const faults: FieldViolation[] = [];
  const page = readPage({ pageSize, pageToken }, faults);
  return { page, faults: faults.map(({ field }) => field) };
}

function rows(count: number) {
  return Array.from({ length: count }, (_, index) => ({ createdAt: 1_700_000_000_000 + index, id: ID }));
}

test.each([
  [0, 50],
  [1, 1],
  [200, 200],
])('page_size %i is a page of %i', (pageSize, size) => {
  expect(read(pageSize)).toMatchObject({ page: { size, request: { limit: size + 1, after: null } }, faults: [] });
});

test.each([-1, 201, 1.5, Number.NaN])('page_size %d is at fault', (pageSize) => {
  expect(read(pageSize).faults).toEqual(['page_size']);
});

test('the last page has no token, even where it is full', () => {
  for (const count of [0, 1, 2]) {
    expect(takePage(rows(count), read(2).page, ({ id }) => id)).toEqual({ items: rows(count), nextPageToken: '' });
  }
});

test('a token leads to the rows after the last one of its page', () => {
  const { items, nextPageToken } = takePage(rows(3), read(2).page, ({ id }) => id);
  expect(items).toEqual(rows(2));
  const { page, faults } = read(2, nextPageToken);
  expect(faults).toEqual([]);
  expect(page.request.after).toEqual({ createdAt: rows(2)[1]?.createdAt, id: ID });
});

test.each(['x', `_${ID}`, `loyw3v28_${ID}0`, `loyw3v28_${ID.toUpperCase()}`, `${'z'.repeat(10)}_${ID}`, `l-_${ID}`])(
  'page_token %j is at fault',
  (pageToken) => {
    expect(read(1, pageToken).faults).toEqual(['page_token']);
  },
);

test('both faults are told at once', () => {
  expect(read(-1, 'x').faults).toEqual(['page_size', 'page_token']);
});
