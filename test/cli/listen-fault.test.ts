import { expect, test } from 'vitest';
import { StartError } from '../../src/app/start-error.ts';
import { listenFault } from '../../src/cli/listen-fault.ts';

const PORTS = { httpPort: 8080, grpcPort: 50051 };

test.each([
  [8080, 'AUTHFLOW_HTTP_PORT'],
  [50051, 'AUTHFLOW_GRPC_PORT'],
])('a port %d that another process has may be free later: it is no fault of the settings', (port, name) => {
  const fault = listenFault(Object.assign(new Error('x'), { code: 'EADDRINUSE', port }), PORTS);
  expect(fault).toBeInstanceOf(StartError);
  expect(fault?.message).toMatch(new RegExp(`^${name} .*${port}`));
});

test.each([
  [{ code: 'EACCES', port: 8080 }, 'AUTHFLOW_HTTP_PORT'],
  [{ code: 'EADDRNOTAVAIL', port: 8080 }, 'AUTHFLOW_HOST'],
  [{ code: 'ENOTFOUND' }, 'AUTHFLOW_HOST'],
])('%j is a fault of %s', (facts, name) => {
  expect(listenFault(Object.assign(new Error('x'), facts), PORTS)).toMatchObject({ faults: [{ name }] });
});

test.each([[new Error('x')], [Object.assign(new Error('x'), { code: 'EACCES', path: '/data' })], ['EADDRINUSE']])(
  'any other error is none',
  (error) => {
    expect(listenFault(error, PORTS)).toBeNull();
  },
);
