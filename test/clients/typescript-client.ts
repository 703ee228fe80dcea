import { ROOT } from '../support/readme-blocks.ts';
import { pass, passBesideServers } from './beside-servers.ts';

/** The TypeScript client's folder, from the repository's root. */
export const FOLDER = 'clients/typescript';

const TSC = `${ROOT}node_modules/typescript/bin/tsc`;
const VITEST = `${ROOT}node_modules/vitest/vitest.mjs`;

/** Compiles the client, which is what its own tests import. */
export async function build(): Promise<void> {
  await pass({ folder: FOLDER, command: process.execPath, args: [TSC, '-p', '.'] });
}

/** Checks the types of the client's tests in a folder against what is installed there. */
export async function checkTypes(folder: string): Promise<void> {
  await pass({ folder, command: process.execPath, args: [TSC, '-p', 'test'] });
}

/** Runs the client's tests in a folder beside servers; `node` runs the tests, the servers run on this process's own. */
export async function passTests(folder: string, node = process.execPath): Promise<void> {
  await passBesideServers({ folder, command: node, args: [VITEST, 'run'] });
}
