import { beforeAll, test } from 'vitest';
import { ROOT } from '../support/readme-blocks.ts';
import { pass } from './beside-servers.ts';
import { build, checkTypes, FOLDER } from './typescript-client.ts';

beforeAll(build);

// Its own tests run on both ends of what it supports, in `typescript-package.test.ts`.
test("the TypeScript client's types and format hold", async () => {
  await checkTypes(FOLDER);
  const biome = `${ROOT}node_modules/@biomejs/biome/bin/biome`;
  await pass({ folder: '', command: process.execPath, args: [biome, 'check', FOLDER] });
});
