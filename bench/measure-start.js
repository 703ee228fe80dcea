import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { HttpCaller, postRequest } from './load/http-caller.js';
import { Product } from './product.js';
import { inTurn, median } from './rounds.js';

/**
 * From the start of the process to the answer of its first call, and `node -e 0` from start to end, in turn; in
 * milliseconds.
 *
 * @param {import('./fixture.js').Fixture} fixture
 */
export async function measureColdStart({ env, sessions }) {
  const [session] = sessions;
  const request = postRequest('/auth/validate', { ...session });
  const results = await inTurn({ product: () => startAndCall(env, request), node: startNode });
  return { product: median(results.product), node: median(results.node) };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {Buffer} request
 */
async function startAndCall(env, request) {
  const startedAt = performance.now();
  const product = await Product.start(env);
  const caller = await HttpCaller.connect(product.httpAddress);
  await caller.call(request);
  const took = performance.now() - startedAt;
  caller.close();
  await product.stop();
  return took;
}

async function startNode() {
  const startedAt = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - startedAt;
}
