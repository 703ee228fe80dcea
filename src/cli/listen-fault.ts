import { StartError } from '../app/start-error.ts';
import type { Settings } from '../config/settings.ts';
import { SettingsError } from '../config/settings-error.ts';

/**
 * What kept a port from listening, in words, by the system's code; null for any other error. A SettingsError, but for a port that
 * another process has: that may end by itself.
 */
export function listenFault(
  error: unknown,
  { httpPort, grpcPort }: Pick<Settings, 'httpPort' | 'grpcPort'>,
): SettingsError | StartError | null {
  if (!(error instanceof Error && 'code' in error)) {
    return null;
  }
  const port = 'port' in error ? error.port : null;
  const setting =
    port === httpPort
      ? 'AUTHFLOW_HTTP_PORT'
      : port === grpcPort
        ? 'AUTHFLOW_GRPC_PORT'
        : 'AUTHFLOW_HTTP_PORT or AUTHFLOW_GRPC_PORT';
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartError(
        `${setting} names a port that is in use (${port}): end what has it, or choose another, or 0 for a free one.`,
      );
    case 'EACCES':
      // Files have no port: theirs is another sentence.
      return port === null ? null : fault(setting, `names a port that this user may not open (${port})`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fault('AUTHFLOW_HOST', 'is not an address of this machine');
    default:
      return null;
  }
}

function fault(name: string, message: string): SettingsError {
  return new SettingsError([{ name, message }]);
}
