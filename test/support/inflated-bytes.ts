import { Gunzip, Inflate } from 'node:zlib';
import { onTestFinished, vi } from 'vitest';

/**
 * Counts, until the test ends, every byte that anything in this process inflates from gzip or deflate: what a bomb
 * costs, whatever else the process does meanwhile.
 */
export function countInflatedBytes(): () => number {
  let bytes = 0;
  for (const { prototype } of [Gunzip, Inflate]) {
    const push = prototype.push;
    const spy = vi.spyOn(prototype, 'push').mockImplementation(function (this: Gunzip, chunk, encoding) {
      bytes += chunk?.length ?? 0;
      return push.call(this, chunk, encoding);
    });
    onTestFinished(() => void spy.mockRestore());
  }
  return () => bytes;
}
