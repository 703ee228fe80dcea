import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, type TestContext, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { pass, passBesideServers } from './beside-servers.ts';

const FOLDER = 'clients/go';
const MODULES = ['google.golang.org/grpc', 'google.golang.org/protobuf', 'google.golang.org/genproto/googleapis/rpc'];
// The race detector needs a C compiler; the servers are shared, so one package is tested at a time.
const TEST = ['test', '-race', '-count=1', '-p', '1', './...'];

describe('the Go client', { timeout: 1_200_000 }, () => {
  test('keeps its behaviour on the oldest gRPC that it supports', async (context) => {
    needsGo(context, ['go', 'mod', 'download', '-C', FOLDER]);
    expect(await go(['list', '-m', 'google.golang.org/grpc'])).toBe('google.golang.org/grpc v1.64.1\n');
    await passBesideServers({ folder: FOLDER, command: 'go', args: TEST });
  });

  test('keeps its behaviour on the newest gRPC', async (context) => {
    needsGo(context, ['go', 'list', '-m', ...MODULES.map((module) => `${module}@latest`)]);
    const modfile = await copyOfModule();
    await go(['get', `-modfile=${modfile}`, ...MODULES.map((module) => `${module}@latest`)]);
    // In the environment, so that the README's program is built with it too.
    const GOFLAGS = `${process.env.GOFLAGS ?? ''} -modfile=${modfile}`.trim();
    await passBesideServers({ folder: FOLDER, command: 'go', args: TEST, env: { GOFLAGS } });
  });

  test('is formatted, and vetted for Go 1.21', async (context) => {
    needsGo(context, ['go', 'mod', 'download', '-C', FOLDER]);
    expect(await pass({ folder: FOLDER, command: 'gofmt', args: ['-l', '.'] })).toBe('');
    expect(await go(['list', '-m', '-f', '{{.GoVersion}}'])).toBe('1.21\n');
    // Language by the compiler, standard library by the analyzer "stdversion".
    await go(['vet', './...']);
  });
});

function needsGo(context: TestContext, modules: readonly [string, ...string[]]): void {
  needs(context, 'Go 1.21 or later', ['go', 'version']);
  needs(context, 'a C compiler, for the race detector', ['gcc', '--version']);
  needs(context, 'the Go modules of clients/go, or the network', modules);
}

function go(args: readonly string[]): Promise<string> {
  return pass({ folder: FOLDER, command: 'go', args });
}

/** A go.mod and go.sum beside the committed ones, which stay as they are. */
async function copyOfModule(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'authflow-go-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await copyFile(new URL('../../clients/go/go.mod', import.meta.url), join(folder, 'newest.mod'));
  await copyFile(new URL('../../clients/go/go.sum', import.meta.url), join(folder, 'newest.sum'));
  return join(folder, 'newest.mod');
}
