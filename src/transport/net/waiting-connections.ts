import { type AddressInfo, connect, type Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** At which address a listener on every address is reached from its own machine. */
const OWN_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * The last connection's first bytes are read in the turn after it was taken; its protocol, its headers and its body may
 * come one after the other.
 */
const TURNS_TO_READ = 8;

/**
 * Takes every connection that waits in line for a listener now; at most for so long. What waits when a listener closes
 * is reset by the system, and Node takes one in each turn of its event loop, so that in a busy process many may wait.
 * The line is first in, first out: a connection of our own, which says nothing, stands at its end.
 */
export async function takeWaiting(listener: Server, timeoutMs: number): Promise<void> {
  const { address, port } = listener.address() as AddressInfo;
  const last = connect({ port, host: OWN_ADDRESS[address] ?? address });
  last.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    const taken = new Set<number | undefined>();
    // Taken before it knows its own port, or after that.
    const look = (): void => {
      if (last.localPort !== undefined && taken.has(last.localPort)) {
        end();
      }
    };
    const take = (connection?: { readonly remotePort?: number }): void => {
      taken.add(connection?.remotePort);
      look();
    };
    const timer = setTimeout(end, timeoutMs);
    listener.on('connection', take);
    // One beyond the most: the line has come to it all the same.
    listener.on('drop', take);
    last.once('connect', look);
    last.once('close', end);

    function end(): void {
      clearTimeout(timer);
      listener.off('connection', take);
      listener.off('drop', take);
      last.destroy();
      resolve();
    }
  });
}

/** Reads what the connection that was taken last has sent so far. */
export async function readLast(): Promise<void> {
  for (let turn = 0; turn < TURNS_TO_READ; turn += 1) {
    await nextTurn();
  }
}
