import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below 32768, where Linux begins to take ports for connections (ip_local_port_range): a server that is stopped for a
 * while finds its port free again, whatever the tests beside it connect to.
 */
const [LOWEST, HIGHEST] = [20_000, 32_767];

/** A port of 127.0.0.1 on which nobody listens. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  const port = randomInt(LOWEST, HIGHEST + 1);
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
  } catch {
    return freePort();
  }
  probe.close();
  await once(probe, 'close');
  return port;
}
