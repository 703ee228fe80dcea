import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long or mostly wait, for peers, processes or clocks. Begun last, each would keep the run waiting by itself. */
const SLOW = [
  '/security/',
  '/silent-peers.',
  '/clients/',
  '/connections.',
  '/workers/',
  '/own-server.',
  '/outages.',
  '/storage/',
];

/** Puts the files that take longest first; the others follow as they do without it. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

function isSlow({ moduleId }: TestSpecification): boolean {
  return SLOW.some((part) => moduleId.includes(part));
}
