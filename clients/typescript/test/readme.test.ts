import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { newOrganization } from './support/organization.ts';
import { GRPC } from './support/stand.ts';

const [block = ''] =
  readFileSync(new URL('../README.md', import.meta.url), 'utf8').match(/(?<=^```ts\n).*?(?=^```$)/ms) ?? [];

test('the ten lines are a file that the type checker sees', () => {
  expect(block).toBe(readFileSync(new URL('support/ten-lines.ts', import.meta.url), 'utf8'));
  expect(block.split('\n').filter((line) => line !== '')).toHaveLength(10);
});

test('the ten lines run', async () => {
  const { apiKey } = await newOrganization();
  const program = spawn(process.execPath, ['--input-type=module'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, AUTHFLOW_GRPC: GRPC, AUTHFLOW_API_KEY: apiKey },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  program.stdin.end(block);
  const printed = await program.stdout.setEncoding('utf8').toArray();
  if (program.exitCode === null) {
    await once(program, 'exit');
  }
  expect(printed.join('')).toMatch(/^Ada Lovelace is user [0-9a-f-]{36}\n$/);
  expect(program.exitCode).toBe(0);
});
