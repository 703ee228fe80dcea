/**
 * How a caller of an organization proved itself, the highest class first: by an API key that was never sealed for
 * tokens; by one that is or ever was, which whoever saw a token can read; by no key. Shares are kept per class, so that
 * what a lower one does holds a higher one back no more than by a hash (contract, section 1).
 */
export const CALLER_CLASSES = ['private_key', 'token_key', 'no_key'] as const;

export type CallerClass = (typeof CALLER_CLASSES)[number];

/** The class of who shows an API key. */
export function classOfKey({ wasSealed }: { readonly wasSealed: boolean }): Exclude<CallerClass, 'no_key'> {
  return wasSealed ? 'token_key' : 'private_key';
}

/** Whose share of the server a call is charged to. */
export interface Caller {
  /** An organization that exists: an id that somebody made up has no share. */
  readonly orgId: string;
  readonly callerClass: CallerClass;
}
