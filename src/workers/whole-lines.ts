import type { Readable } from 'node:stream';
import type { LineWriter } from '../observability/logger.ts';

/** What has no end by then is no line of ours, and goes on as it is. */
const MAX_WAITING_CHARACTERS = 64 * 1024;

/** Hands on what a process writes, in whole lines: those of several would be mixed in one pipe. */
export function handOnLines(from: Readable, to: LineWriter): void {
  let rest = '';
  from.setEncoding('utf8');
  from.on('data', (text: string) => {
    const all = rest + text;
    const end = all.length > MAX_WAITING_CHARACTERS ? all.length : all.lastIndexOf('\n') + 1;
    rest = all.slice(end);
    if (end > 0) {
      to.write(all.slice(0, end));
    }
  });
  from.on('end', () => {
    if (rest !== '') {
      to.write(`${rest}\n`);
    }
  });
  from.on('error', () => undefined);
}
