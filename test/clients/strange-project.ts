import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { onTestFinished } from 'vitest';
import { ROOT } from '../support/readme-blocks.ts';
import { pass } from './beside-servers.ts';

/** A project of somebody who has no clone: a folder outside of it, and nothing in its environment that leads into it. */
export class StrangeProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'authflow-project-'));

  /** It is removed with the test. */
  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Writes a file of it. */
  write(file: string, text: string): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Runs lines of shell in it, which must end well; gives what they print. */
  run(lines: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    // What npm tells its scripts would have the project's npm work on the repository.
    const command = `unset INIT_CWD \${!npm_@}\n${lines}`;
    return pass({ folder: relative(ROOT, this.folder), command: 'bash', args: ['-ec', command], env });
  }
}

/**
 * A repository of Maven that has everything of this machine's but our own packages, which it would give instead of the archive's and
 * keep for later builds; what is new gets into this machine's.
 */
export function mavenWithoutOurs(project: StrangeProject): string {
  const own = join(project.folder, '.m2');
  mkdirSync(join(own, 'dev'), { recursive: true });
  const machines = join(homedir(), '.m2/repository');
  for (const folder of ['', 'dev']) {
    const there = existsSync(join(machines, folder)) ? readdirSync(join(machines, folder)) : [];
    for (const name of there.filter((each) => !['dev', 'authflow'].includes(each))) {
      symlinkSync(join(machines, folder, name), join(own, folder, name));
    }
  }
  return own;
}
