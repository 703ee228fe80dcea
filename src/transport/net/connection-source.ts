import type { Socket } from 'node:net';

/** Where a port's connections come from when another process listens for it and hands them over. */
export interface ConnectionSource {
  /** The port that is listened on. */
  readonly port: number;
  /** Hands over each connection that comes from now on. To be called once. */
  begin(take: (socket: Socket) => void): void;
  /** Tells how many connections the port holds, where each is handed to the process with the fewest. */
  watchOpen(open: () => number): void;
  /** Fulfilled when the other process listens no more and has handed over what stood in line, or after so long. */
  untilEnded(timeoutMs: number): Promise<void>;
}
