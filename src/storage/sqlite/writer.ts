import type { MessagePort } from 'node:worker_threads';
import { answerWrites, type WriteRequest } from '../write-requests.ts';
import { openConnection } from './connection.ts';
import { SqliteRunner } from './runner.ts';
import type { WriterMessage, WriteThreadOptions } from './write-thread.ts';

/**
 * Opens the file and runs the writes that come over a port, in groups; what a commit answers goes back at once. `close`
 * lets those that came before end, lets go of the file and closes the port. Throws where the file does not open.
 */
export async function serveWrites(port: MessagePort, { file, lockWaitMs }: WriteThreadOptions): Promise<void> {
  const runner = new SqliteRunner(await openConnection(file, lockWaitMs), lockWaitMs);
  const say = (message: WriterMessage) => port.postMessage(message);
  const answer = answerWrites((name, args, origin) => runner.write(name, args, origin), say);
  port.on('message', async (message: readonly WriteRequest[] | 'close') => {
    if (message === 'close') {
      await runner.close();
      port.close();
      return;
    }
    await answer(message);
  });
  say('open');
}
