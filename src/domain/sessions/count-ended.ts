import type { Storage } from '../storage.ts';
import type { EndedGeneration } from './storage.ts';

/**
 * How many sessions ended with their organization's; 0 where there was none to end. They have ended: what fails now must not
 * be answered UNAVAILABLE, which promises that nothing was done.
 */
export async function countEnded(
  storage: Pick<Storage, 'countEndedSessions'>,
  ended: EndedGeneration | null,
): Promise<number> {
  if (ended === null) {
    return 0;
  }
  try {
    return await storage.countEndedSessions(ended);
  } catch (cause) {
    throw new Error('Sessions ended, and could not be counted.', { cause });
  }
}
