import { expect, test } from 'vitest';
import { runCycles } from './cycles.ts';

/** docs/security.md, R5. */
const MOST_BACK_MS = 2_000;

test('a server that is restarted, killed and frozen 100 times: nothing lost, and back within two seconds (R5)', async () => {
  const report = await runCycles({ version: 'embedded', cycles: 100, calmMs: 500 });
  console.log(JSON.stringify(report, null, 2));
  expect(Math.max(...Object.values(report.backMs))).toBeLessThanOrEqual(MOST_BACK_MS);
}, 1_800_000);
