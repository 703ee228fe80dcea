import { request as requestByHttp } from 'node:http';
import { request as requestByHttps } from 'node:https';
import type { Settings } from '../config/settings.ts';

/** What a server under these settings says of itself. */
export interface OwnHealth {
  /** Where it was asked, as `http://127.0.0.1:8080`. */
  readonly address: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Less than the 5 s that the Dockerfile gives the whole command. */
const TIMEOUT_MS = 3_000;

/** The address at which a server that listens everywhere is reached from its own machine. */
const OWN_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * Asks the server of these settings, on this machine, whether it is ready (`/readyz`). The certificate is not verified:
 * the machine asks itself, and the certificate bears the name that others use.
 *
 * Where callers must show a certificate, this one has none to show, so that `/readyz` is closed to it: a finished TLS
 * handshake counts, which the server's main thread took part in. Whether the storage answers is not known then.
 */
export function askOwnHealth({ host, httpPort, tls }: Settings): Promise<OwnHealth> {
  const own = OWN_ADDRESS[host] ?? host;
  const address = `${tls === null ? 'http' : 'https'}://${own.includes(':') ? `[${own}]` : own}:${httpPort}`;
  return new Promise((resolve) => {
    const options = { agent: false, signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
    const asked =
      tls === null
        ? requestByHttp(`${address}/readyz`, options)
        : requestByHttps(`${address}/readyz`, { ...options, rejectUnauthorized: false });
    const answer = (ok: boolean, detail: string) => {
      resolve({ address, ok, detail });
      asked.destroy();
    };
    asked.on('response', ({ statusCode }) =>
      statusCode === 200 ? answer(true, 'ready') : answer(false, `not ready (${statusCode})`),
    );
    asked.on('error', (error) => answer(false, noAnswer(error)));
    if (tls !== null && tls.clientCa !== null) {
      // In TLS 1.3 the server refuses a caller without a certificate only after the handshake.
      asked.on('socket', (socket) =>
        socket.once('secureConnect', () =>
          answer(true, 'alive: it finished a TLS handshake (readiness needs a client certificate)'),
        ),
      );
    }
    asked.end();
  });
}

function noAnswer(error: Error): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') {
    return `no answer within ${TIMEOUT_MS / 1000} s`;
  }
  return `no answer (${'code' in error ? String(error.code) : error.name})`;
}
