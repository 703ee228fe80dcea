import { expect, test } from 'vitest';
import { rulesStand } from '../domain/rules.ts';
import { played } from './stories/played.ts';
import { STORIES_ENVIRONMENT } from './stories/story.ts';

const SEED = 20_261_127;
/** 10^5 calls are made by account-stories.long.test.ts. */
const STORIES = 8;
const STEPS = 500;

const stand = rulesStand(STORIES_ENVIRONMENT);

test(`K1, U1, M1: ${STORIES} stories of ${STEPS} calls of all services, with whatever credentials: each opens what the contract says`, async () => {
  const outcomes = await played(stand, { stories: STORIES, steps: STEPS, seed: SEED });
  // Every way that a call can end was walked.
  const ways = new Set([...outcomes.keys()].map((outcome) => outcome.split(' ').at(-1)));
  expect([...ways].sort()).toEqual([
    'ACCESS_DENIED',
    'ADMIN_TOKEN_INVALID',
    'API_KEY_INVALID',
    'API_KEY_NOT_FOUND',
    'CHALLENGE_INVALID',
    'CODE_INVALID',
    'CREDENTIALS_INVALID',
    'DISCLAIMER_REQUIRED',
    'EMAIL_NOT_VERIFIED',
    'INVALID_ARGUMENT',
    'NONCE_EXPIRED',
    'NONCE_INVALID',
    'NONCE_USED',
    'OK',
    'ORGANIZATION_EXISTS',
    'ORGANIZATION_NOT_FOUND',
    'PASSWORD_CHANGE_REQUIRED',
    'PASSWORD_POLICY',
    'REAUTHENTICATION_REQUIRED',
    'SECOND_FACTOR_ALREADY_ENABLED',
    'SECOND_FACTOR_NOT_ENABLED',
    'SECOND_FACTOR_REQUIRED',
    'SESSION_EXPIRED',
    'SESSION_INVALID',
    'SESSION_REVOKED',
    'TOKEN_EXPIRED',
    'TOKEN_INVALID',
    'USER_DISABLED',
    'USER_EXISTS',
    'USER_NOT_FOUND',
    'unwanted',
  ]);
});
