import { describe, it, type TestContext } from 'vitest';
import { needs } from '../support/needs.ts';
import { pass, passBesideServers } from './beside-servers.ts';

const FOLDER = 'clients/python';
/** The versions that clients/python/README.md promises. */
const LOWEST = ['grpcio==1.62.0', 'protobuf==4.25.0', 'googleapis-common-protos==1.62.0', 'fastapi==0.100.0'];
/** The newest with which that FastAPI's test client works. */
const LOWEST_TEST_PACKAGES = ['httpx==0.27.2'];
const NEWEST = ['--upgrade', 'grpcio', 'protobuf', 'googleapis-common-protos', 'fastapi'];
const TEST_PACKAGES = [
  'pytest',
  'starlette',
  'uvicorn',
  'httpx',
  'flask',
  'django',
  'opentelemetry-sdk',
  'opentelemetry-instrumentation-grpc',
  // Computes the codes of second factors, as others do.
  'pyotp==2.9.0',
];
const CHECKERS = ['mypy', 'ruff', 'types-grpcio', 'types-protobuf'];

describe('the Python client', { timeout: 1_200_000 }, () => {
  it('passes its tests on the lowest gRPC and protobuf that it supports', async (context) => {
    await install(context, 'lowest', [...LOWEST, ...LOWEST_TEST_PACKAGES, ...TEST_PACKAGES]);
    await passBesideServers(python('lowest', '-m', 'pytest', '-q'));
  });

  it('passes its tests on the newest gRPC and protobuf', async (context) => {
    await install(context, 'highest', [...NEWEST, ...TEST_PACKAGES]);
    await passBesideServers(python('highest', '-m', 'pytest', '-q'));
  });

  it('is formatted, linted and typed', async (context) => {
    await install(context, 'highest', [...NEWEST, ...TEST_PACKAGES, ...CHECKERS]);
    await pass(python('highest', '-m', 'ruff', 'format', '--check', '.'));
    await pass(python('highest', '-m', 'ruff', 'check', '.'));
    await pass(python('highest', '-m', 'mypy'));
  });
});

/** A virtual environment with the packages, and with our two as wheels: as users get them. */
async function install(context: TestContext, environment: string, packages: readonly string[]): Promise<void> {
  needs(context, 'Python 3.9 or later with venv', [
    'python3',
    '-c',
    'import ensurepip, sys, venv; assert sys.version_info >= (3, 9)',
  ]);
  await pass({ folder: FOLDER, command: 'python3', args: ['-m', 'venv', `.venv/${environment}`] });
  const pip = (...args: string[]) => pass(python(environment, '-m', 'pip', '--disable-pip-version-check', ...args));
  await pip('install', '--prefer-binary', ...packages);
  await pip('install', '--force-reinstall', '--no-deps', '../../gen/python', '.');
  await pip('check');
}

function python(environment: string, ...args: string[]) {
  return { folder: FOLDER, command: `.venv/${environment}/bin/python`, args };
}
