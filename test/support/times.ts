import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether this project's tests do all that docs/security.md tells, which takes hours. */
    atLength: boolean;
  }
}

/** Whether counts are those of docs/security.md: in `npm run test:long`. */
export const AT_LENGTH = inject('atLength') === true;

/** How often: `full` at length, `beside` in every other run. A test that counts so has its number in its title. */
export function times(full: number, { beside }: { readonly beside: number }): number {
  return AT_LENGTH ? full : beside;
}
