import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const PACKAGE = `node-${process.platform}-${process.arch}`;
/** Where `npm install --no-save --prefix node_modules/.cache/node-22 …` puts it; CI does. */
const INSTALLED = resolve(import.meta.dirname, `../../node_modules/.cache/node-22/node_modules/${PACKAGE}/bin/node`);

/** The oldest Node that the TypeScript client supports, as it was installed for tests; null where it was not. */
export function findNode22(): string | null {
  return existsSync(INSTALLED) && majorOf(INSTALLED) === '22' ? INSTALLED : null;
}

/** What a test of the client on it needs. */
export const NEEDS_NODE_22 = `needs npm install --no-save --prefix node_modules/.cache/node-22 ${PACKAGE}@22`;

/** What a test that is skipped for want of one needs. */
export const NEEDS_OLDER_NODE = `needs Node 20 or 22 on the PATH, or: npm install --no-save --prefix node_modules/.cache/node-22 ${PACKAGE}@22`;

/** The file of a Node that cannot run the program, as a machine may have it; null where there is none. */
export function findOlderNode(): string | null {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  return [INSTALLED, ...onPath].find((file) => existsSync(file) && ['20', '22'].includes(majorOf(file))) ?? null;
}

function majorOf(node: string): string {
  return execFileSync(node, ['-p', "process.versions.node.split('.')[0]"], { encoding: 'utf8' }).trim();
}
