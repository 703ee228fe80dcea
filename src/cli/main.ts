#!/usr/bin/env node
import { run } from './run.ts';

const { argv, env, stdout, stderr } = process;
// A reader that has gone is noticed where the write was asked for.
stdout.on('error', () => {});
stderr.on('error', () => {});

// Everything was written when run() ends; a handle that some library left open must not keep the process.
process.exit(await run(argv.slice(2), { env, stdin: () => process.stdin, stdout, stderr }));
