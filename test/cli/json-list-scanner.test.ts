import { describe, expect, test } from 'vitest';
import { JsonListScanner } from '../../src/cli/json-list-scanner.ts';

/** What is found in a document that comes in pieces of so many bytes. */
function scan(document: string, member: string | null, pieceBytes: number, maxBytes = 1_000) {
  const scanner = new JsonListScanner(member, maxBytes);
  const bytes = Buffer.from(document);
  const found = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    for (const { line, bytes: object } of scanner.push(bytes.subarray(at, at + pieceBytes))) {
      found.push({ line, object: object === null ? null : JSON.parse(object.toString()) });
    }
  }
  return { found, hasSeenList: scanner.hasSeenList, isAtEnd: scanner.isAtEnd };
}

const TRICKY = [{ name: 'a "users": [{ }] \\', nested: { users: [{ no: 1 }, [{}]] } }, {}, { é: '\\"}', list: [[]] }];

describe.each([1, 2, 3, 7, 64, 100_000])('in pieces of %d bytes', (pieceBytes) => {
  test('the objects of a list that is the document are found, whatever they hold', () => {
    const { found, ...state } = scan(JSON.stringify(TRICKY, null, 2), null, pieceBytes);
    expect(found.map(({ object }) => object)).toEqual(TRICKY);
    expect(state).toEqual({ hasSeenList: true, isAtEnd: true });
  });

  test('the objects of one member are found, and no others', () => {
    const document = {
      a: 'users',
      roles: [{ not: 1 }],
      nested: { users: [{ not: 2 }] },
      users: TRICKY,
      more: [{ not: 3 }],
    };
    const { found } = scan(JSON.stringify(document), 'users', pieceBytes);
    expect(found.map(({ object }) => object)).toEqual(TRICKY);
    expect(scan(JSON.stringify({ ...document, users: null }), 'users', pieceBytes)).toMatchObject({
      found: [],
      hasSeenList: false,
    });
  });

  test('lines are counted from 1, and an object that is too long is told and not kept', () => {
    const document = `\n[\n{"a":1},\n\n{"b":"${'x'.repeat(2_000)}"},\n{"c":3}]`;
    expect(scan(document, null, pieceBytes).found).toEqual([
      { line: 3, object: { a: 1 } },
      { line: 5, object: null },
      { line: 6, object: { c: 3 } },
    ]);
  });

  test.each(['[{"a":1},{"b":', '[{"a":1},', '[{"a":1},{"b":"'])('that %s ends early is seen', (document) => {
    expect(scan(document, null, pieceBytes)).toMatchObject({ found: [{ object: { a: 1 } }], isAtEnd: false });
  });
});
