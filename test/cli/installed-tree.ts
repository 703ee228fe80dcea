import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { temporaryFolder } from '../config/temporary-folder.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The package of the Node that npm brings to this machine. */
export const BROUGHT = `node-${process.platform}-${process.arch}`;

interface LockedPackage {
  readonly dev?: boolean;
}

/** A folder with the program, as a checkout has it, and none of its packages. */
export function bareTree(): string {
  const folder = temporaryFolder();
  for (const path of ['package.json', 'src', 'gen/ts']) {
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  return folder;
}

/** The same with a program of the test's own after the entry; packages are added by name. */
export function treeWith(main: string, ...packages: string[]): string {
  const folder = bareTree();
  writeFileSync(join(folder, 'src/cli/main.ts'), main);
  addPackages(folder, packages);
  return folder;
}

/** As `npm ci` of npm 10 leaves it with `NODE_ENV=production`, but for the packages named here: no programs are linked. */
export function productionTree(without: readonly string[] = []): string {
  const folder = bareTree();
  addPackages(
    folder,
    productionPackages().filter((name) => !without.includes(name)),
  );
  return folder;
}

function addPackages(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
}

// What the lock file calls a development package npm leaves out; of optional ones those of other systems.
function productionPackages(): string[] {
  const lock: { packages: Record<string, LockedPackage> } = JSON.parse(
    readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
  );
  return Object.entries(lock.packages)
    .filter(([path, { dev = false }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev)
    .map(([path]) => path.slice('node_modules/'.length))
    .filter((name) => existsSync(join(ROOT, 'node_modules', name)));
}
