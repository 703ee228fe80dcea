import { test } from 'vitest';
import { Random } from '../security/random.ts';
import { expectIntact } from './hostile-mails.ts';

test('line ends, commas, markup and the like in every field leave headers and markup as they are', async () => {
  await expectIntact(400, new Random(20_261));
});
