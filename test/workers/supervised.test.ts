import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { jsonOf, runCli } from '../cli/spawned-cli.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { tally } from '../security/backend.ts';
import { CERTIFICATES } from '../support/certificates.js';
import { Caller, callerOfEach, gone, metric, SETTINGS, startSupervised } from './supervised.ts';

const PASSWORD = 'Analytical-1';
const EMAIL = 'ada@example.com';

test('two workers share both ports, and the start, the greeting and the end are told once', async () => {
  const server = await startSupervised();
  await callerOfEach(server);
  await server.logged('worker_started', 2);
  server.supervisor.kill('SIGTERM');
  expect(await server.ended()).toBe(0);
  const events = tally(server.log().map(({ event }) => String(event)));
  expect(events).toMatchObject({ started: 1, stopping: 1, stopped: 1 });
  expect(server.stdout().match(/is running/g)).toHaveLength(1);
  const workers = server.log().filter(({ event }) => event === 'call');
  expect(tally(workers.map(({ worker }) => String(worker)))).toEqual({ 1: 1, 2: 1 });
  for (const pid of server.workers().values()) {
    await gone(pid);
  }
});

describe('a worker that ends', () => {
  test('is replaced, while the other serves; after three deaths in ten seconds all ends, with one sentence and 70', async () => {
    const server = await startSupervised();
    const callers = await callerOfEach(server);
    const before = [...server.workers()];
    process.kill(before[0]?.[1] ?? 0, 'SIGKILL');
    await server.logged('worker_started', 3);
    const outcomes = await Promise.all(callers.map((caller) => caller.call('fooBar', { identity: EMAIL })));
    // Its caller has met the end of its connection; the other has noticed nothing.
    expect(outcomes.map(({ outcome }) => outcome)).toContain('OK');
    for (const caller of [new Caller(server), new Caller(server)]) {
      expect((await caller.call('fooBar', { identity: EMAIL })).outcome).toBe('OK');
    }
    expect(metric((await new Caller(server).send('/metrics')).text, 'authflow_worker_deaths_total')).toBe(1);

    process.kill(server.workers().get(2) ?? 0, 'SIGKILL');
    await server.logged('worker_started', 4);
    process.kill(server.workers().get(1) ?? 0, 'SIGKILL');
    expect(await server.ended()).toBe(70);
    const told = server
      .stderr()
      .split('\n')
      .filter((line) => line.startsWith('authflow: '));
    expect(told).toEqual([expect.stringContaining('3 times within 10 s, the last one by SIGKILL')]);
    expect(server.log().filter(({ event }) => event === 'worker_ended')).toHaveLength(3);
    for (const pid of server.workers().values()) {
      await gone(pid);
    }
  });

  test('and cannot be replaced, as while the store is out of reach, ends nobody who serves; it is tried until it can', async () => {
    const isAway = join(temporaryFolder(), 'away');
    const server = await startSupervised({ NODE_OPTIONS: failingStart(`existsSync(${JSON.stringify(isAway)})`) });
    writeFileSync(isAway, '');
    process.kill(server.workers().get(1) ?? 0, 'SIGKILL');
    await server.logged('worker_ended', 5);
    const caller = new Caller(server);
    expect((await caller.call('fooBar', { identity: EMAIL })).outcome).toBe('OK');
    rmSync(isAway);
    await server.logged('worker_started', 3);
    await callerOfEach(server);
    expect(metric((await caller.send('/metrics')).text, 'authflow_worker_deaths_total')).toBe(1);
  });

  test('frozen, it holds up no other caller; nothing that waits for it is lost when it ends', async () => {
    const server = await startSupervised();
    await callerOfEach(server);
    const frozen = server.workers().get(1) ?? 0;
    process.kill(frozen, 'SIGSTOP');
    // One of them is handed to the frozen worker, which has it only when that has ended and another has come.
    const asked = Array.from({ length: 6 }, () => new Caller(server).call('fooBar', { identity: EMAIL }));
    const settled = asked.map((answer) => answer.then(() => 'settled'));
    await Promise.race(settled);
    let served = 0;
    for (const answer of settled) {
      answer.then(() => {
        served += 1;
      });
    }
    await expect.poll(() => served).toBeGreaterThanOrEqual(5);
    process.kill(frozen, 'SIGKILL');
    expect(tally((await Promise.all(asked)).map(({ outcome }) => outcome))).toEqual({ OK: 6 });
  });

  test('frozen, it does not hold up a stop, which was cut short then: 1', async () => {
    const server = await startSupervised({ AUTHFLOW_DRAIN_TIMEOUT: '1s' });
    process.kill(server.workers().get(1) ?? 0, 'SIGSTOP');
    server.supervisor.kill('SIGTERM');
    expect(await server.ended()).toBe(1);
    expect(server.stderr()).toContain('authflow: The stop was cut short: 1 of 2 server processes');
    expect(server.log().filter(({ event }) => event === 'stopped')).toHaveLength(1);
  });

  test('and finds the store gone makes no other; the one that has it open serves on', async () => {
    const server = await startSupervised();
    const file = join(server.folder, 'data', 'authflow.db');
    renameSync(file, `${file}.away`);
    process.kill(server.workers().get(1) ?? 0, 'SIGKILL');
    await server.logged('worker_ended', 3);
    expect(server.log().filter(({ event }) => event === 'worker_ended')[1]).toMatchObject({
      code: 3,
      fault: expect.stringContaining(file),
    });
    expect(existsSync(file)).toBe(false);
    expect((await new Caller(server).send('/healthz')).outcome).toBe('OK');
  });
});

test('workers stop when their supervisor was killed, and nothing keeps the ports', async () => {
  const server = await startSupervised();
  const [caller] = await callerOfEach(server);
  const pids = [...server.workers().values()];
  server.supervisor.kill('SIGKILL');
  for (const pid of pids) {
    await gone(pid);
  }
  expect((await caller.call('fooBar', { identity: EMAIL })).outcome).not.toBe('OK');
  const again = connect(Number(server.httpAddress.split(':').at(-1)), '127.0.0.1');
  const [error] = await once(again, 'error');
  expect(error.code).toBe('ECONNREFUSED');
});

test('a second signal ends all at once, with 1', async () => {
  const server = await startSupervised({ AUTHFLOW_DRAIN_TIMEOUT: '5m', AUTHFLOW_BCRYPT_COST: '15' });
  const [caller] = await callerOfEach(server);
  const cutOff = caller.signUp(EMAIL, PASSWORD);
  await expect
    .poll(async () => metric((await new Caller(server).send('/metrics')).text, 'authflow_password_hashes_total'))
    .toBe(1);
  server.supervisor.kill('SIGTERM');
  await server.logged('stopping');
  server.supervisor.kill('SIGINT');
  expect(await server.ended()).toBe(1);
  expect((await cutOff).outcome).not.toBe('OK');
  for (const pid of server.workers().values()) {
    await gone(pid);
  }
});

test('one page of metrics shows what all workers did, whichever answers, and its counters never go back', async () => {
  const server = await startSupervised();
  const callers = await callerOfEach(server);
  for (const caller of callers) {
    for (let call = 0; call < 5; call += 1) {
      await caller.nonce(EMAIL);
    }
  }
  const calls = async (caller: Caller) => metric((await caller.send('/metrics')).text, 'authflow_calls_total');
  for (const caller of callers) {
    expect(await calls(caller)).toBe(12);
  }
  expect(metric((await callers[0].send('/metrics')).text, 'authflow_workers')).toBe(2);
  process.kill(server.workers().get(1) ?? 0, 'SIGKILL');
  await server.logged('worker_started', 3);
  expect(await calls(new Caller(server))).toBe(12);
});

test('SIGHUP reaches all: both workers show the new certificate', async () => {
  const { server: first, foreign: second } = CERTIFICATES;
  const folder = temporaryFolder();
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const write = (pair: { readonly cert: string; readonly key: string }) => {
    writeFileSync(cert, pair.cert);
    writeFileSync(key, pair.key);
  };
  write(first);
  const server = await startSupervised({ AUTHFLOW_TLS_CERT: cert, AUTHFLOW_TLS_KEY: key });
  expect(await shownSerials(server.httpAddress)).toEqual(Array(2).fill(new X509Certificate(first.cert).serialNumber));
  write(second);
  server.supervisor.kill('SIGHUP');
  const workers = () =>
    server
      .log()
      .filter(({ event }) => event === 'tls_reloaded')
      .map(({ worker }) => worker);
  await expect.poll(() => [...new Set(workers())].sort()).toEqual([1, 2]);
  expect(await shownSerials(server.httpAddress)).toEqual(Array(2).fill(new X509Certificate(second.cert).serialNumber));
});

/** For Node: workers meet a file that they may not open where this holds, the supervisor does not. */
function failingStart(condition: string): string {
  // A module of the server that the supervisor does not load.
  const failing = `import { registerHooks } from 'node:module';
    import { existsSync } from 'node:fs';
    registerHooks({ resolve(specifier, context, next) {
      if (specifier.endsWith('grpc-server.ts') && ${condition}) {
        throw Object.assign(new Error(''), { code: 'EACCES', syscall: 'open', path: '/var/lib/module' });
      }
      return next(specifier, context);
    } });`;
  return `--import data:text/javascript;base64,${Buffer.from(failing).toString('base64')}`;
}

/** Of the certificates that two connections at once are shown, one by each worker. */
async function shownSerials(address: string): Promise<readonly (string | undefined)[]> {
  const { port } = new URL(address);
  const sockets = [0, 1].map(() => connectTls({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false }));
  await Promise.all(sockets.map((socket) => once(socket, 'secureConnect')));
  return sockets.map((socket) => {
    const serial = socket.getPeerX509Certificate()?.serialNumber;
    socket.destroy();
    return serial;
  });
}

describe('a start that cannot be is told as one process tells it', () => {
  test('a port in use: 3', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const env = { ...SETTINGS, AUTHFLOW_GRPC_PORT: String(port) };
    const { code, stdout, stderr } = await runCli(['serve'], { folder: temporaryFolder(), env });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(new RegExp(`^authflow: AUTHFLOW_GRPC_PORT .*${port}`)),
      '',
    ]);
  });

  test('another secret: 3', async () => {
    const place = { folder: temporaryFolder(), env: SETTINGS };
    await jsonOf(['migrate'], place);
    const env = { ...SETTINGS, AUTHFLOW_SECRET: 'x'.repeat(32) };
    const { code, stdout, stderr } = await runCli(['serve'], { ...place, env });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr.split('\n')).toEqual([expect.stringMatching(/^authflow: .*secret/), '']);
  });

  test('what a worker alone meets is told once, with its code', async () => {
    const place = { folder: temporaryFolder(), env: { ...SETTINGS, NODE_OPTIONS: failingStart('true') } };
    const { code, stdout, stderr } = await runCli(['serve'], place);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr.split('\n').filter((line) => line.startsWith('authflow: '))).toEqual([
      'authflow: /var/lib/module cannot be used (EACCES).',
    ]);
  });

  test('a worker without a supervisor: 2', async () => {
    const { code, stderr } = await runCli(['serve', '--worker'], { folder: temporaryFolder(), env: SETTINGS });
    expect([code, stderr]).toEqual([2, expect.stringContaining('AUTHFLOW_WORKERS')]);
  });
});
