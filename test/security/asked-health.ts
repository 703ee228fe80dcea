import { Agent, get } from 'node:http';
import { connect } from 'node:http2';
import { frame } from '../transport/grpc/test-server.ts';
import type { ServerProcess } from './server-process.ts';

type Address = Pick<ServerProcess, 'httpAddress' | 'grpcAddress'>;

/** The status of `/readyz`, asked by a new connection; 'GONE' when there is none to be had. */
export function askReadiness({ httpAddress }: Address): Promise<string> {
  return new Promise((resolve) => {
    const call = get(`${httpAddress}/readyz`, { agent: new Agent({ keepAlive: false }) }, (response) => {
      response.resume();
      response.on('end', () => resolve(String(response.statusCode)));
    });
    call.on('error', () => resolve('GONE'));
  });
}

/** What the gRPC health service says, asked by a new connection; 'GONE' when there is none to be had. */
export function askHealth({ grpcAddress }: Address): Promise<string> {
  return new Promise((resolve) => {
    const session = connect(`http://${grpcAddress}`);
    const end = (answer: string): void => {
      session.destroy();
      resolve(answer);
    };
    session.on('error', () => end('GONE'));
    session.once('connect', () => {
      const headers = {
        ':method': 'POST',
        ':path': '/grpc.health.v1.Health/Check',
        'content-type': 'application/grpc',
      };
      const stream = session.request(headers);
      stream.on('error', () => end('GONE'));
      // HealthCheckResponse: field 1 is the status; 1 is SERVING, 2 is NOT_SERVING.
      stream.once('data', (body: Buffer) => end({ 1: 'SERVING', 2: 'NOT_SERVING' }[body[6] ?? 0] ?? 'unknown'));
      stream.on('close', () => end('GONE'));
      stream.end(frame(new Uint8Array()));
    });
  });
}
