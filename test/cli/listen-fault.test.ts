import { expect, test } from 'vitest';
import { listenFault } from '../../src/cli/listen-fault.ts';

const PORTS = { httpPort: 8080, grpcPort: 50051 };

test.each([
  [{ code: 'EADDRINUSE', port: 8080 }, 'AUTHFLOW_HTTP_PORT'],
  [{ code: 'EADDRINUSE', port: 50051 }, 'AUTHFLOW_GRPC_PORT'],
  [{ code: 'EACCES', port: 8080 }, 'AUTHFLOW_HTTP_PORT'],
  [{ code: 'EADDRNOTAVAIL', port: 8080 }, 'AUTHFLOW_HOST'],
  [{ code: 'ENOTFOUND' }, 'AUTHFLOW_HOST'],
])('%j is a fault of %s', (facts, name) => {
  expect(listenFault(Object.assign(new Error('x'), facts), PORTS)?.faults.map((fault) => fault.name)).toEqual([name]);
});

test.each([[new Error('x')], [Object.assign(new Error('x'), { code: 'EACCES', path: '/data' })], ['EADDRINUSE']])(
  'any other error is none',
  (error) => {
    expect(listenFault(error, PORTS)).toBeNull();
  },
);
