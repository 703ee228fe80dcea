const CODES: readonly unknown[] = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];

/**
 * The package or file that Node's loader looked for in vain; null for any other error. The loader's message begins with
 * it, and no caller of the service has a part in it.
 */
export function missingModule(error: unknown): string | null {
  if (!(error instanceof Error && 'code' in error && CODES.includes(error.code))) {
    return null;
  }
  return /^Cannot find (?:package|module) '([^'\n]{1,300})'/.exec(error.message)?.[1] ?? null;
}
