import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, type TestContext, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { pass, passBesideServers } from './beside-servers.ts';
import { RUST_BUILD } from './rust-build.ts';

const FOLDER = 'clients/rust';
const EXAMPLE = 'examples/rust';
const ROOT = fileURLToPath(new URL(`../../${FOLDER}`, import.meta.url));
const env = { ...RUST_BUILD, CARGO_TERM_COLOR: 'never' };
const TEST = ['test', '--all-features'];
const LINKED = ['build.rs', 'LICENSE', 'proto', 'README.md', 'src', 'tests'];

describe('the Rust client', { timeout: 1_200_000 }, () => {
  test('keeps its behaviour on the lowest versions that it supports', async (context) => {
    needsRust(context);
    const folder = packageWith(context, 'lowest', (manifest) => {
      const [head, dependencies = ''] = manifest.split('[dependencies]');
      return `${head}[dependencies]${dependencies.replaceAll(/"(?:>=)?(\d[\d.]*)(?:, <[\d.]+)?"/g, '"=$1"')}`;
    });
    await passBesideServers({ folder, command: 'cargo', args: TEST, env });
  });

  test('keeps its behaviour on the newest versions', async (context) => {
    needsRust(context);
    const folder = newest(context);
    await passBesideServers({ folder, command: 'cargo', args: TEST, env });
  });

  test('is formatted, without lint and complete as a package', async (context) => {
    needsRust(context);
    needs(context, 'rustfmt', ['cargo', 'fmt', '--version']);
    needs(context, 'clippy', ['cargo', 'clippy', '--version']);
    const folder = newest(context);
    await pass({ folder, command: 'cargo', args: ['fmt', '--check'] });
    for (const features of [['--all-targets', '--all-features'], ['--no-default-features']]) {
      await pass({ folder, command: 'cargo', args: ['clippy', ...features, '--', '-D', 'warnings'], env });
    }
    // Builds what would be published, from the proto files in it.
    await pass({ folder: FOLDER, command: 'cargo', args: ['package', '--allow-dirty', '--all-features'], env });
  });
});

describe('the example in Rust', { timeout: 1_200_000 }, () => {
  test('is formatted, without lint, and does what it says over the fake', async (context) => {
    needsRust(context);
    needs(context, 'rustfmt', ['cargo', 'fmt', '--version']);
    needs(context, 'clippy', ['cargo', 'clippy', '--version']);
    needs(context, 'the crates of examples/rust, or the network', fetched(EXAMPLE));
    for (const args of [['fmt', '--check'], ['clippy', '--all-targets', '--', '-D', 'warnings'], ['test']]) {
      await pass({ folder: EXAMPLE, command: 'cargo', args, env });
    }
  });
});

function needsRust(context: TestContext): void {
  // An older Cargo does not know the manifest's resolver.
  const manifest = ['--no-deps', '--format-version', '1', '--manifest-path', `${FOLDER}/Cargo.toml`];
  needs(context, 'Rust 1.85 or later', ['cargo', 'metadata', ...manifest]);
  needs(context, 'a C compiler, for TLS', ['cc', '--version']);
}

/** The newest of everything that this machine's compiler takes. */
function newest(context: TestContext): string {
  const { stdout } = spawnSync('rustc', ['--version'], { encoding: 'utf8' });
  const version = /\d+\.\d+/.exec(stdout)?.[0] ?? '';
  return packageWith(context, 'newest', (manifest) => manifest.replace(/(rust-version = ")[\d.]+/, `$1${version}`));
}

/** The package with another manifest, and so with a lock of its own; gives its folder. */
function packageWith(context: TestContext, name: string, change: (manifest: string) => string): string {
  const folder = `target/${name}`;
  rmSync(`${ROOT}/${folder}`, { recursive: true, force: true });
  mkdirSync(`${ROOT}/${folder}`, { recursive: true });
  for (const entry of LINKED) {
    symlinkSync(`../../${entry}`, `${ROOT}/${folder}/${entry}`);
  }
  const manifest = `${folder}/Cargo.toml`;
  writeFileSync(`${ROOT}/${manifest}`, change(readFileSync(`${ROOT}/Cargo.toml`, 'utf8')));
  needs(context, 'the crates of clients/rust, or the network', fetched(`${FOLDER}/${folder}`));
  return `${FOLDER}/${folder}`;
}

/** The command that fetches a package's crates. */
function fetched(folder: string): readonly [string, ...string[]] {
  return ['cargo', 'fetch', '--manifest-path', `${folder}/Cargo.toml`];
}
