import { test } from 'vitest';
import { Random } from '../security/random.ts';
import { expectIntact } from './hostile-mails.ts';

test('10,000 mails of hostile fields keep their headers and their markup', async () => {
  await expectIntact(10_000, new Random(20_262));
});
