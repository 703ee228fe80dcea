import { test } from 'vitest';
import { times } from '../support/times.ts';
import { expectEndedAfterRenewal, RENEWED_ENDINGS } from './renewed-sessions.ts';

const RACES = times(100, { beside: 40 });

test.each(RENEWED_ENDINGS)(`S5: ${RACES} sessions that are renewed while $name ends them`, (ending) =>
  expectEndedAfterRenewal(ending, RACES),
);
