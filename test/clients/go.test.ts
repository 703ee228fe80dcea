import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, type TestContext, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { ROOT } from '../support/readme-blocks.ts';
import { pass, passBesideServers } from './beside-servers.ts';

const FOLDER = 'clients/go';
const EXAMPLE = 'examples/go';
const MODULES = ['google.golang.org/grpc', 'google.golang.org/protobuf', 'google.golang.org/genproto/googleapis/rpc'];
// The race detector needs a C compiler; the servers are shared, so one package is tested at a time.
const TEST = ['test', '-race', '-count=1', '-p', '1', './...'];

describe('the Go client', { timeout: 1_200_000 }, () => {
  test('keeps its behaviour on the oldest gRPC that its code is for', async (context) => {
    needsGo(context, ['go', 'mod', 'download', '-C', FOLDER, '-modfile=oldest.mod']);
    expect(await go(['list', '-m', '-modfile=oldest.mod', 'google.golang.org/grpc'])).toBe(
      'google.golang.org/grpc v1.64.1\n',
    );
    await passBesideServers({
      folder: FOLDER,
      command: 'go',
      args: TEST,
      env: { GOFLAGS: flags(`${ROOT}${FOLDER}/oldest.mod`) },
    });
  });

  test('keeps its behaviour on the libraries that a new project gets', async (context) => {
    needsGo(context, ['go', 'mod', 'download', '-C', FOLDER]);
    await passBesideServers({ folder: FOLDER, command: 'go', args: TEST });
  });

  test('keeps its behaviour on the newest gRPC', async (context) => {
    needsGo(context, ['go', 'list', '-m', ...MODULES.map((module) => `${module}@latest`)]);
    const modfile = await copyOfModule();
    await go(['get', `-modfile=${modfile}`, ...MODULES.map((module) => `${module}@latest`)]);
    await passBesideServers({ folder: FOLDER, command: 'go', args: TEST, env: { GOFLAGS: flags(modfile) } });
  });

  test('is formatted, and vetted for Go 1.21', async (context) => {
    needsGo(context, ['go', 'mod', 'download', '-C', FOLDER, '-modfile=oldest.mod']);
    expect(await pass({ folder: FOLDER, command: 'gofmt', args: ['-l', '.'] })).toBe('');
    expect(await go(['list', '-m', '-modfile=oldest.mod', '-f', '{{.GoVersion}}'])).toBe('1.21\n');
    // Language by the compiler, standard library by the analyzer "stdversion".
    await go(['vet', '-modfile=oldest.mod', './...']);
  });

  test('has an example that is formatted, vetted and passes its own test', async (context) => {
    needsGo(context, ['go', 'mod', 'download', '-C', EXAMPLE]);
    expect(await pass({ folder: EXAMPLE, command: 'gofmt', args: ['-l', '.'] })).toBe('');
    await pass({ folder: EXAMPLE, command: 'go', args: ['vet', './...'] });
    await pass({ folder: EXAMPLE, command: 'go', args: ['test', '-count=1', './...'] });
  });
});

function needsGo(context: TestContext, modules: readonly [string, ...string[]]): void {
  needs(context, 'Go 1.26 or later', ['go', 'version']);
  needs(context, 'a C compiler, for the race detector', ['gcc', '--version']);
  needs(context, 'the Go modules of clients/go, or the network', modules);
}

function go(args: readonly string[]): Promise<string> {
  return pass({ folder: FOLDER, command: 'go', args });
}

/** For the environment, so that what the tests start in other folders is built with it too. */
function flags(modfile: string): string {
  return `${process.env.GOFLAGS ?? ''} -modfile=${modfile}`.trim();
}

/** A go.mod and go.sum beside the committed ones, which stay as they are. */
async function copyOfModule(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'authflow-go-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await copyFile(new URL('../../clients/go/go.mod', import.meta.url), join(folder, 'newest.mod'));
  await copyFile(new URL('../../clients/go/go.sum', import.meta.url), join(folder, 'newest.sum'));
  return join(folder, 'newest.mod');
}
