// What one Validate passes through: the files and functions of src/ that run for it, by each entrance: `npm run bench:path`.
// Counted by V8 itself (precise coverage) around a single call, the server and the caller's sockets in one process.
import { Session } from 'node:inspector/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { ValidateRequestSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { startServer } from '../src/app/server.ts';
import { readSettings } from '../src/config/settings.ts';
import { createLogger } from '../src/observability/logger.ts';
import { makeFixture } from './fixture.js';
import { connectAll, grpcFrame } from './load/grpc-caller.js';
import { HttpCaller, postRequest } from './load/http-caller.js';

const SRC = new URL('../src/', import.meta.url).href;
/** Nothing of the path is loaded or compiled for the first time after these. */
const WARM_UP_CALLS = 50;

const fixture = await makeFixture();
const server = await startServer(readSettings(fixture.env), { logger: createLogger({ level: 'error' }) });
const inspector = new Session();
inspector.connect();
try {
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  const [session] = fixture.sessions;
  if (session === undefined) {
    throw new Error('The fixture has no session.');
  }
  const parameters = { ...session, apiKey: fixture.apiKey };
  const [grpc] = await connectAll(server.grpcAddress, '/authflow.v1.AuthService/Validate', 1);
  const frame = grpcFrame(toBinary(ValidateRequestSchema, create(ValidateRequestSchema, parameters)));
  const http = await HttpCaller.connect(server.httpAddress);
  const request = postRequest('/auth/validate', { ...session, api_key: fixture.apiKey });
  await tell('gRPC', async () => grpc?.call(frame));
  await tell('/auth', async () => http.call(request));
  grpc?.close();
  http.close();
} finally {
  inspector.disconnect();
  await server.stop();
  fixture.remove();
}

/**
 * @param {string} entrance
 * @param {() => Promise<unknown>} call
 */
async function tell(entrance, call) {
  for (let i = 0; i < WARM_UP_CALLS; i += 1) {
    await call();
  }
  await inspector.post('Profiler.takePreciseCoverage');
  await call();
  const { result } = await inspector.post('Profiler.takePreciseCoverage');
  const files = result.filter(({ url }) => url.startsWith(SRC));
  const ran = files
    .map(({ url, functions }) => ({
      file: url.slice(SRC.length),
      // What begins at the first character is the module itself.
      names: functions.flatMap(({ functionName, ranges: [whole] }) =>
        whole !== undefined && whole.startOffset > 0 && whole.count > 0 ? [functionName] : [],
      ),
    }))
    .filter(({ names }) => names.length > 0);
  const functions = ran.reduce((sum, { names }) => sum + names.length, 0);
  console.log(`${entrance}: ${ran.length} files, ${functions} functions`);
  if (process.argv.includes('--list')) {
    for (const { file, names } of ran) {
      console.log(`  ${file}: ${names.map((name) => name || '(anonymous)').join(', ')}`);
    }
  }
}
