// Compares the service with what the same machine does at best, in the same run: `npm run bench`. Ratios count;
// absolute figures are for orientation. Takes about three minutes; wants a quiet machine with two cores or more.
import { setTimeout } from 'node:timers/promises';
import { atLeast, besideFlood, cpuPerCall, memory, throughput } from './bars.js';
import { makeFixture } from './fixture.js';
import { measureGrpc, measureHttp } from './measure-calls.js';
import { measureEngines, measureWorkers } from './measure-engines.js';
import { measureFloods } from './measure-flood.js';
import { measureLimits } from './measure-limits.js';
import { measureLogins } from './measure-logins.js';
import { measureColdStart } from './measure-start.js';
import { Product } from './product.js';
import { unquiet } from './quiet.js';
import { printMachine, printTable } from './table.js';

/** @typedef {import('./measure-flood.js').FloodFigures} FloodFigures */

/** How long a started server is left alone before its idle memory is read. */
const SETTLE_MS = 1_000;

printMachine();
const warnings = [await unquiet('before the run')];
const fixture = await makeFixture();
try {
  const coldStart = await measureColdStart(fixture);
  const product = await Product.start(fixture.env);
  await setTimeout(SETTLE_MS);
  const idleBytes = product.process.residentBytes();
  const grpc = await measureGrpc(fixture, product);
  const http = await measureHttp(fixture, product);
  const logins = await measureLogins(fixture, product);
  await product.stop();
  const { figures } = await measureFloods(fixture, [1 / 2, 1 / 10]);
  const [atHalf, atTenth] = /** @type {[FloodFigures, FloodFigures]} */ (figures);
  const workers = await measureWorkers();
  const engines = await measureEngines();
  const limits = await measureLimits(fixture);
  const peakBytes = Math.max(...[grpc.withKey, http.withKey].map(({ peakBytes }) => peakBytes ?? 0)) || null;
  printTable([
    cpuPerCall('B1  Validate with the key, gRPC | empty RPC, grpc-js', grpc.withKey, grpc.reference, 1.6),
    cpuPerCall('    … without the key', grpc.validate, grpc.reference, null),
    throughput('    … with the key, calls a second', grpc.withKey, grpc.reference, null),
    cpuPerCall('B2  Validate with the key, /auth | JSON echo, node:http', http.withKey, http.reference, 2.0),
    cpuPerCall('    … without the key', http.validate, http.reference, null),
    throughput('    … with the key, calls a second', http.withKey, http.reference, null),
    besideFlood('B3  p99 of Validate at half its peak, beside floods of logins | without them', atHalf),
    besideFlood('B3  … at a tenth of its peak', atTenth),
    {
      what: '    … p99 of the refusals, at half; at a tenth',
      ours: `${atHalf.refusedP99.toFixed(0)} ms; ${atTenth.refusedP99.toFixed(0)} ms`,
      bar: '≤ 50 ms',
      met: Math.max(atHalf.refusedP99, atTenth.refusedP99) <= 50,
    },
    atLeast('    … logins that are hashed, at half | without the flood', atHalf.hashed, atHalf.served, 0.8),
    atLeast('    … at a tenth | without the flood', atTenth.hashed, atTenth.served, 0.8),
    atLeast('B4  Login | native bcrypt, every core', logins.login, logins.native, 0.95),
    atLeast('B5  Login | bcryptjs, every core', logins.login, logins.bcryptjs, 1.3),
    throughput('B6  FooBar | Validate, /auth, with the key', http.fooBarWithKey, http.withKey, 0.8),
    throughput('    … without the key', http.fooBar, http.validate, null),
    throughput('B6  Logout | Validate, /auth, with the key', http.logout, http.withKey, 0.5),
    throughput('    … by a token first seen', http.firstLogout, http.withKey, null),
    cpuPerCall('B6  ForgotPassword | Logout, /auth, with the key', http.forgotPassword, http.logout, 1.2),
    ...workers,
    {
      what: 'B9  cold start to the first answer | node -e 0',
      ours: `${coldStart.product.toFixed(0)} ms`,
      reference: `${coldStart.node.toFixed(0)} ms`,
      ratio: coldStart.product / coldStart.node,
      bar: '≤ 7 and ≤ 1000 ms',
      met: coldStart.product <= 7 * coldStart.node && coldStart.product <= 1_000,
    },
    memory('B10 resident memory, idle', idleBytes, 120),
    memory('B10 resident memory, peak Validate', peakBytes, 250),
    ...engines,
    ...limits,
  ]);
  console.log('B7, with a million users: npm run bench:scale');
  warnings.push(await unquiet('after the run'));
} finally {
  fixture.remove();
}
for (const warning of warnings) {
  if (warning !== null) {
    console.log(warning);
  }
}
