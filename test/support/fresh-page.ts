import { expect } from 'vitest';

/**
 * A page of metrics of what was there when it was asked for. One is given to all who ask for half a second, of workers by each of
 * them and by their supervisor; the processor time in it tells it from others.
 */
export async function freshPage(page: () => Promise<string>): Promise<string> {
  let last = await page();
  for (let made = 0; made < 2; made += 1) {
    const before = last;
    await expect
      .poll(async () => {
        last = await page();
        return last === before;
      })
      .toBe(false);
  }
  return last;
}
