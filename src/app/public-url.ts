import type { Settings } from '../config/settings.ts';
import { isLoopback } from '../config/values.ts';

/** Where browsers reach the server, without a slash at its end: as the settings say, else the HTTP port on this machine. */
export function publicUrlOf({ publicUrl, host, tls }: Settings, httpPort: number): string {
  const local = isLoopback(host) ? host : 'localhost';
  const name = local.includes(':') ? `[${local}]` : local;
  return publicUrl ?? `${tls === null ? 'http' : 'https'}://${name}:${httpPort}`;
}
