import { AuthFlowError } from './errors.ts';
import type { Challenge } from './second-factor-calls.ts';
import { challengeOf } from './second-factor-results.ts';

/** As RFC 3339 writes it; Date takes more. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

/** What stands beside a reason, as a wire brought it. */
interface ChallengeFields {
  readonly challenge: unknown;
  readonly methods: unknown;
  readonly expiresAt: unknown;
}

/** Reads the next step of a login; null of every other reason, and where something is missing or malformed. */
export function readChallenge(reason: string, { challenge, methods, expiresAt }: ChallengeFields): Challenge | null {
  if (reason !== 'SECOND_FACTOR_REQUIRED' && reason !== 'PASSWORD_CHANGE_REQUIRED') {
    return null;
  }
  const instant = new Date(typeof expiresAt === 'string' && INSTANT.test(expiresAt) ? expiresAt : Number.NaN);
  if (!isText(challenge) || !areTexts(methods) || Number.isNaN(instant.getTime())) {
    return null;
  }
  return challengeOf({ reason, challenge, methods, expiresAt: instant });
}

/** What a step of a login resolves with, or the challenge that it rejects with. */
export async function stepOf<Opened>(step: Promise<Opened>): Promise<Opened | Challenge> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof AuthFlowError && error.challenge !== null) {
      return error.challenge;
    }
    throw error;
  }
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
