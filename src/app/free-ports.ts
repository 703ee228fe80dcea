import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Settings } from '../config/settings.ts';

/**
 * Rejected, as listening itself would be, where a port of the settings cannot be had now: another process, such as the server
 * of an older release, has it. What comes between this and listening is found by listening.
 */
export async function refuseTakenPorts({ host, httpPort, grpcPort }: Settings): Promise<void> {
  for (const port of [httpPort, grpcPort]) {
    const probe = createServer().listen(port, host);
    await once(probe, 'listening');
    await new Promise((resolve) => probe.close(resolve));
  }
}
