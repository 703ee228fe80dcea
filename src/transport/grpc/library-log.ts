import { setLogger } from '@grpc/grpc-js';
import type { Logger } from '../../observability/logger.ts';

/**
 * Sends what grpc-js logs, for the whole process, to our log as `grpc_library`. Only the words in front of the first
 * value go there: the library quotes headers ("Failed to add metadata entry authorization: …").
 */
export function redirectLibraryLog(log: Logger): void {
  setLogger({
    error: (message?: unknown) => log.warn('grpc_library', { said: leadingWords(message) }),
    info: (message?: unknown) => log.info('grpc_library', { said: leadingWords(message) }),
    debug: (message?: unknown) => log.debug('grpc_library', { said: leadingWords(message) }),
  });
}

/** At most four plain words from the start: in none of the library's sentences does a value stand among them. */
function leadingWords(message: unknown): string {
  return /^(?:[A-Za-z]{1,20} ?){0,4}/.exec(String(message))?.[0].trimEnd() ?? '';
}
