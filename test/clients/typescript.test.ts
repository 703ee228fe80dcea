import { beforeAll, test } from 'vitest';
import { ROOT } from '../support/readme-blocks.ts';
import { pass } from './beside-servers.ts';
import { build, checkTypes, FOLDER, passTests } from './typescript-client.ts';

beforeAll(build);

test("the TypeScript client's types and format hold", async () => {
  await checkTypes(FOLDER);
  const biome = `${ROOT}node_modules/@biomejs/biome/bin/biome`;
  await pass({ folder: '', command: process.execPath, args: [biome, 'check', FOLDER] });
});

test("the TypeScript client's tests pass in the repository", { timeout: 1_200_000 }, async () => {
  await passTests(FOLDER);
});
