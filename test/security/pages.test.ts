import { Agent } from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { HOLDS_MS } from '../../src/observability/recent-value.ts';
import { storeOfTest } from '../support/stores.ts';
import { ask } from '../transport/http/test-server.ts';
import { startServerProcess } from './server-process.ts';

const CONNECTIONS = 20;
const AHEAD = 50;

test.each([1, 2])(
  'W10: of %i processes each makes two pages of metrics a second at most, however many ask, by GET or HEAD',
  async (workers) => {
    const server = await startServerProcess(await storeOfTest(), { workers });
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    // What the first page loads is no part of this.
    await ask(server.httpAddress, '/metrics', { agent });
    const begunAt = performance.now();
    const answers = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => pagesOf(Number(new URL(server.httpAddress).port))),
    );
    const tookMs = performance.now() - begunAt;
    const pages = answers.flat();
    expect(pages).toHaveLength(CONNECTIONS * AHEAD);
    // The processor time in them tells one from another.
    expect(new Set(pages).size).toBeLessThanOrEqual(workers * (2 + tookMs / HOLDS_MS));
  },
);

/** The pages that a connection is answered, which asks for all of them at once. */
function pagesOf(port: number): Promise<readonly string[]> {
  const request = (method: string, last = '') => `${method} /metrics HTTP/1.1\r\nHost: x\r\n${last}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(Array.from(text.matchAll(/^process_cpu_seconds_total .*$/gm), ([line]) => line)));
    const pairs = (request('GET') + request('HEAD')).repeat(AHEAD - 1);
    socket.write(pairs + request('GET', 'Connection: close\r\n'));
  });
}
