import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { storeOfTest } from '../support/stores.ts';
import { Backend, send } from './backend.ts';
import { BODY_BYTES, sendHalves } from './half-sent.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** 600 bodies, 39 MB: more than the 16 MiB of strangers, a tenth of docs/security.md, W10. */
const CONNECTIONS = 6;
const STRANGERS_BYTES = 16 * 1_048_576;

test('W10: half-sent bodies are held up to the bound for both ports, the others told OVERLOADED; callers are served', async () => {
  const server = await startServerProcess(await storeOfTest());
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const made = await send(server.httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
  const backend = new Backend(server.httpAddress, made.field('api_key'));
  const { refused, ended, leave } = await sendHalves(server, CONNECTIONS, { inTurn: true });
  // Of 65 kB and what a request costs, 229 fit; on a busy machine the first have waited too long before the last were sent.
  await expect.poll(() => refused() + ended()).toBeGreaterThanOrEqual(371);
  expect(refused()).toBeGreaterThan(0);
  expect(refused()).toBeLessThan(500);
  const held = await heldBytes(server);
  expect(held).toBeLessThanOrEqual(STRANGERS_BYTES);
  expect(held + ended() * BODY_BYTES).toBeGreaterThan(STRANGERS_BYTES / 2);

  expect((await backend.call('fooBar', { identity: 'ada@example.com' })).outcome).toBe('OK');
  const filler = 'x'.repeat(60_000);
  expect(await answerToHalves(server, `x-api-key: ${backend.apiKey}\r\n`, filler)).toContain('HTTP/1.1 200');

  await leave();
  await expect.poll(() => heldBytes(server)).toBe(0);
  expect(await answerToHalves(server, '', filler)).toContain('HTTP/1.1 200');
});

async function heldBytes({ httpAddress }: ServerProcess): Promise<number> {
  const { text } = await send(httpAddress, '/metrics', { method: 'GET' });
  return Number(/^authflow_request_bytes_held (\d+)$/m.exec(text)?.[1]);
}

/** A call whose body comes in two packets, the second once the server has seen the first. */
async function answerToHalves(server: ServerProcess, header: string, filler: string): Promise<string> {
  const body = `{"identity":"ada@example.com","filler":"${filler}"}`;
  const socket = connect(Number(new URL(server.httpAddress).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const reply = replyOf(socket);
  const before = await heldBytes(server);
  const type = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n${header}`;
  socket.write(`POST /auth/fooBar HTTP/1.1\r\nHost: x\r\n${type}\r\n${body.slice(0, -1)}`);
  await expect.poll(() => heldBytes(server)).toBeGreaterThan(before);
  socket.write(body.slice(-1));
  return reply;
}

function replyOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let reply = '';
    socket.on('data', (data) => {
      reply += data.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(reply));
  });
}
