import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A variable that the stand gives. Throws a sentence that says how to start one. */
export function fromStand(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(
      `${name} is not set: these tests need servers. In the repository's clients/typescript: npm run --prefix ../.. with-server -- npx vitest run`,
    );
  }
  return value;
}

/** The gRPC address of the server in clear text. */
export const GRPC = fromStand('AUTHFLOW_TEST_GRPC');

/** The URL of the server in clear text. */
export const HTTP = fromStand('AUTHFLOW_TEST_HTTP');

/** A certificate or key of the stand. */
export function pem(name: string): string {
  return readFileSync(join(fromStand('AUTHFLOW_TEST_CERTIFICATES'), `${name}.pem`), 'utf8');
}

/** Lets the stand do something, such as `restart?down_ms=300`. */
export async function control(path: string, method = 'POST'): Promise<string> {
  const response = await fetch(`${fromStand('AUTHFLOW_TEST_CONTROL')}/${path}`, { method });
  const body = await response.text();
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${body}`);
  }
  return body;
}

/** Starts the server of a case of the shared vectors. */
export async function startCase(name: string): Promise<{ readonly grpc: string; readonly http: string }> {
  const file = join(fromStand('AUTHFLOW_TEST_VECTORS'), 'client-behaviour.json');
  const { cases }: { cases: { name: string }[] } = JSON.parse(readFileSync(file, 'utf8'));
  return JSON.parse(await control(`cases/${cases.findIndex((each) => each.name === name)}`));
}
