// Servers for the clients' own tests: `node test/clients/stand.js COMMAND [ARGUMENT…]` runs the command beside them and
// ends with its exit code. docs/clients.md says what the command finds in its environment.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readSettings } from '../../src/config/settings.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { disableUser } from '../support/asked.ts';
import { CERTIFICATES } from '../support/certificates.js';
import { startScriptedServer } from './scripted-server.js';

/** Kinds of mails by the names that UserService has for them. */
const MAIL_KINDS = { verify: 'verify_email', reset: 'reset_password', change_email: 'change_email' };

const VECTORS = fileURLToPath(new URL('../vectors', import.meta.url));
const ADMIN_TOKEN = `afadm_${'A'.repeat(43)}`;
const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error('usage: npm run with-server -- COMMAND [ARGUMENT…]');
  process.exit(2);
}

let clockOffsetMs = 0;
const wallClock = Date.now;
// The servers take the wall clock's forward corrections; only time is faked.
Date.now = () => wallClock() + clockOffsetMs;
const { startServer } = await import('../../src/app/server.ts');

const folder = mkdtempSync(join(tmpdir(), 'authflow-stand-'));
const certificates = writeCertificates();
const tls = {
  AUTHFLOW_TLS_CERT: join(certificates, 'server.pem'),
  AUTHFLOW_TLS_KEY: join(certificates, 'server-key.pem'),
};
let plain = await start('plain');
const secured = await start('tls', tls);
const mutual = await start('mtls', { ...tls, AUTHFLOW_TLS_CLIENT_CA: join(certificates, 'ca.pem') });
const vectors = JSON.parse(readFileSync(join(VECTORS, 'client-behaviour.json'), 'utf8'));
const scripted = new Map();
const control = createServer((request, response) => {
  handle(request, response).catch((error) => response.writeHead(500).end(String(error)));
}).listen(0, '127.0.0.1');
await once(control, 'listening');

const child = spawn(command, args, {
  cwd: process.env.INIT_CWD,
  stdio: 'inherit',
  env: {
    ...process.env,
    AUTHFLOW_TEST_GRPC: plain.grpcAddress,
    AUTHFLOW_TEST_HTTP: plain.httpAddress,
    AUTHFLOW_TEST_ADMIN_TOKEN: ADMIN_TOKEN,
    AUTHFLOW_TEST_TLS_GRPC: byName(secured.grpcAddress),
    AUTHFLOW_TEST_TLS_HTTP: byName(secured.httpAddress),
    AUTHFLOW_TEST_MTLS_GRPC: byName(mutual.grpcAddress),
    AUTHFLOW_TEST_MTLS_HTTP: byName(mutual.httpAddress),
    AUTHFLOW_TEST_CERTIFICATES: certificates,
    AUTHFLOW_TEST_CONTROL: `http://127.0.0.1:${control.address().port}`,
    AUTHFLOW_TEST_VECTORS: VECTORS,
  },
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => child.kill(signal));
}
const code = await exitCode(child);
control.closeAllConnections();
control.close();
for (const server of scripted.values()) {
  server.stop();
}
await Promise.all([plain, secured, mutual].map((server) => server.stop()));
rmSync(folder, { recursive: true });
process.exit(code);

async function handle(request, response) {
  const url = new URL(request.url, 'http://localhost');
  const [, what, index] = url.pathname.split('/');
  switch (`${request.method} ${what}`) {
    case 'POST restart':
      await restart(Number(url.searchParams.get('down_ms') ?? 0), () => response.writeHead(204).end());
      return;
    case 'POST clock':
      clockOffsetMs += Number(url.searchParams.get('seconds')) * 1_000;
      response.writeHead(204).end();
      return;
    case 'POST disable':
      await disableUser(plain.ports, {
        orgId: url.searchParams.get('org_id') ?? '',
        user: url.searchParams.get('email') ?? '',
      });
      response.writeHead(204).end();
      return;
    case 'POST mail-tokens':
      response.end(JSON.stringify({ token: await mailToken(url.searchParams) }));
      return;
    case 'POST cases': {
      scripted.get(index)?.stop();
      const server = await startScriptedServer(vectors.cases[Number(index)], vectors.apiKey);
      scripted.set(index, server);
      response.end(JSON.stringify({ grpc: server.grpc, http: server.http }));
      return;
    }
    case 'GET cases':
      response.end(JSON.stringify({ faults: scripted.get(index).faults() }));
      return;
    default:
      response.writeHead(404).end();
  }
}

/** A token as a mail to a user of the clear-text server would bring it, or would have brought it some time ago. */
async function mailToken(asked) {
  const { storage, mailTokens, clock } = plain.ports;
  const { userId } = await storage.findUserByEmail(asked.get('org_id'), asked.get('email'));
  const user = await storage.findUserCredentials(asked.get('org_id'), userId);
  const at = clock.now() - Number(asked.get('age_seconds') ?? 0) * 1_000;
  return mailTokens.sign(MAIL_KINDS[asked.get('kind')], { ...user, newEmail: asked.get('to') }, at).token;
}

/** Starts a server over its own data directory. */
function start(name, settings = {}) {
  const environment = {
    AUTHFLOW_DATA_DIR: join(folder, name),
    AUTHFLOW_HTTP_PORT: '0',
    AUTHFLOW_GRPC_PORT: '0',
    AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN,
    AUTHFLOW_DRAIN_TIMEOUT: '1s',
    AUTHFLOW_LOG_LEVEL: 'error',
    ...settings,
  };
  return startServer({ ...readSettings(environment), bcryptCost: 4 }, { logger: createLogger({ level: 'error' }) });
}

async function restart(downMs, stopped) {
  const { httpAddress, grpcAddress } = plain;
  await plain.stop();
  stopped();
  await setTimeout(downMs);
  plain = await start('plain', {
    AUTHFLOW_HTTP_PORT: httpAddress.split(':').at(-1),
    AUTHFLOW_GRPC_PORT: grpcAddress.split(':').at(-1),
  });
}

function writeCertificates() {
  const into = join(folder, 'certificates');
  mkdirSync(into);
  const files = {
    'ca.pem': CERTIFICATES.ca,
    'foreign-ca.pem': CERTIFICATES.otherCa,
    'server.pem': CERTIFICATES.server.cert,
    'server-key.pem': CERTIFICATES.server.key,
    'client.pem': CERTIFICATES.client.cert,
    'client-key.pem': CERTIFICATES.client.key,
    'foreign.pem': CERTIFICATES.foreign.cert,
    'foreign-key.pem': CERTIFICATES.foreign.key,
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(into, name), text, { mode: 0o600 });
  }
  return into;
}

/** The certificate names localhost. */
function byName(address) {
  return address.replace('127.0.0.1', 'localhost');
}

async function exitCode(process) {
  try {
    const [status] = await once(process, 'exit');
    return status ?? 1;
  } catch (error) {
    console.error(`${command}: ${error.message}`);
    return 127;
  }
}
