import { expect, test } from 'vitest';
import { CreateApiKeyRequestSchema } from '#gen/authflow/v1/organization_service_pb.js';
import { parameterReader } from '../../../src/transport/rest/parameters.ts';

const read = parameterReader(CreateApiKeyRequestSchema);

function faultsOf(path: string | null, query: string, body: string): readonly { field: string; message: string }[] {
  const sources = { path: new Map(path === null ? [] : [['org_id', path]]), query, body: Buffer.from(body) };
  return [...read({ ...sources, bodyKind: 'form' }).faults];
}

test('a value that two parts of the request give alike is one value', () => {
  expect(faultsOf('a', 'org_id=a&label=x', 'org_id=a&label=x')).toEqual([]);
});

test.each([
  ['a', '', 'org_id=b', 'path and body'],
  ['a', 'org_id=b', '', 'path and query'],
  [null, 'org_id=a', 'org_id=b', 'query and body'],
  ['a', 'org_id=a', 'org_id=b', 'path and body'],
  ['a', 'org_id=b', 'org_id=a', 'path and query'],
])('path %j, query %j and body %j are at odds in %s', (path, query, body, parts) => {
  const message = `must not have different values in ${parts}`;
  expect(faultsOf(path, query, body)).toEqual([{ field: 'org_id', message }]);
});
