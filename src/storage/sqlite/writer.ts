import type { MessagePort } from 'node:worker_threads';
import { AuthError } from '../../domain/errors.ts';
import { openConnection } from './connection.ts';
import { SqliteRunner } from './runner.ts';
import type { WriteFault, WriteReply, WriteRequest, WriterMessage, WriteThreadOptions } from './write-thread.ts';

/**
 * Opens the file and runs the writes that come over a port, in groups; what a commit answers goes back at once. `close`
 * lets those that came before end, lets go of the file and closes the port. Throws where the file does not open.
 */
export async function serveWrites(port: MessagePort, { file, lockWaitMs }: WriteThreadOptions): Promise<void> {
  const runner = new SqliteRunner(await openConnection(file, lockWaitMs), lockWaitMs);
  const say = (message: WriterMessage) => port.postMessage(message);
  let replies: WriteReply[] = [];

  async function write({ id, name, args }: WriteRequest): Promise<void> {
    try {
      reply({ id, outcome: await runner.write(name, args) });
    } catch (error) {
      reply({ id, fault: toFault(error) });
    }
  }

  function reply(made: WriteReply): void {
    if (replies.push(made) === 1) {
      queueMicrotask(() => {
        say(replies);
        replies = [];
      });
    }
  }

  port.on('message', async (message: readonly WriteRequest[] | 'close') => {
    if (message === 'close') {
      await runner.close();
      port.close();
      return;
    }
    await Promise.all(message.map(write));
  });
  say('open');
}

function toFault(error: unknown): WriteFault {
  const { name, message, stack, cause } = error instanceof Error ? error : new Error(String(error));
  return {
    name,
    message,
    stack,
    code: error instanceof Error && 'code' in error ? String(error.code) : undefined,
    isUnavailable: error instanceof AuthError && error.reason === 'UNAVAILABLE',
    cause: cause === undefined ? undefined : toFault(cause),
  };
}
