import { onTestFinished } from 'vitest';
import { createApiKey } from '../support/asked.ts';
import type { TestServer } from '../support/running-server.ts';
import { Backend, inParallel, PASSWORD, patiently, send } from './backend.ts';

/** The user of each organization here who is no part of the flood. */
export const EMAIL = 'user@example.com';

const CALLERS = 60;

/** An organization with its user and a key of each kind. */
export interface FloodedOrganization {
  readonly orgId: string;
  /** In tokens. */
  readonly tokenKey: string;
  /** Never sealed for tokens. */
  readonly privateKey: string;
}

export async function newOrganization({
  ports,
  createOrganization,
  httpAddress,
}: TestServer): Promise<FloodedOrganization> {
  const { orgId, apiKey } = await createOrganization();
  const { apiKey: privateKey } = await createApiKey(ports, { orgId, label: '', inTokens: false });
  const backend = new Backend(httpAddress, apiKey);
  const { outcome } = await backend.signUp(EMAIL);
  if (outcome !== 'OK') {
    throw new Error(outcome);
  }
  await signUpFlood(backend);
  return { orgId, tokenKey: apiKey, privateKey };
}

/** Signs up one user for each caller of a flood: who tries at one, waits for others there, and who fails is locked. */
export async function signUpFlood(backend: Backend): Promise<void> {
  const outcomes = await inParallel(CALLERS, 4, (index) => signUpAtLast(backend, emailOf(index)));
  if (outcomes.some((outcome) => outcome !== 'OK')) {
    throw new Error(outcomes.join());
  }
}

/** A machine that is busy with other things may take longer than a call has: what was not done in its time is asked for again. */
async function signUpAtLast(backend: Backend, email: string): Promise<string> {
  for (let isAgain = false; ; isAgain = true) {
    const { outcome } = await patiently(() => backend.signUp(email));
    if (isAgain && outcome === 'USER_EXISTS') {
      return 'OK';
    }
    if (outcome !== 'DEADLINE_EXCEEDED') {
      return outcome;
    }
  }
}

/** The user of one caller of a flood. */
export function emailOf(caller: number): string {
  return `flood${caller}@example.com`;
}

/** Sixty callers who log in without end, each as a user of its own. */
export interface Flood {
  /** How the tries ended so far. */
  readonly outcomes: readonly string[];
  /** Fulfilled when every try has ended. The end of the test ends them too. */
  end(): Promise<void>;
}

/** How many who were refused for want of a place try again for each who was answered: so that places stay wanting. */
const TRY_AGAIN = 3;

/** `credentials` name the organization: `org_id` alone, or a key. Each caller tries again as soon as it was answered. */
export function flood(
  { httpAddress }: Pick<TestServer, 'httpAddress'>,
  credentials: Readonly<Record<string, string>>,
): Flood {
  const outcomes: string[] = [];
  const refused: (() => void)[] = [];
  let isOver = false;

  async function tryOnce(email: string, foobar: string): Promise<string> {
    const body = { foobar, email, password: PASSWORD, ...credentials };
    const { outcome } = await send(httpAddress, '/auth/login', { body });
    outcomes.push(outcome);
    if (outcome === 'OVERLOADED' && !isOver) {
      await new Promise<void>((resolve) => refused.push(resolve));
    } else {
      for (const tryAgain of refused.splice(0, isOver ? refused.length : TRY_AGAIN)) {
        tryAgain();
      }
    }
    return outcome;
  }

  const callers = Array.from({ length: CALLERS }, async (_, index) => {
    const email = emailOf(index);
    let [foobar, outcome] = ['', ''];
    while (!isOver) {
      // OVERLOADED has spent no nonce: the same one does for the next try.
      if (outcome !== 'OVERLOADED') {
        foobar = (await send(httpAddress, '/auth/fooBar', { body: { identity: email } })).field('token');
      }
      outcome = await tryOnce(email, foobar);
    }
  });
  const end = async () => {
    isOver = true;
    for (const tryAgain of refused.splice(0)) {
      tryAgain();
    }
    await Promise.all(callers);
  };
  onTestFinished(end);
  return { outcomes, end };
}
