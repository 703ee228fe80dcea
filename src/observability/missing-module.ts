/**
 * The package or file that Node's loader looked for in vain; null for any other error. The loader's message begins with
 * it, and no caller of the service has a part in it. Never throws, whatever was thrown.
 */
export function missingModule(error: unknown): string | null {
  try {
    if (!(error instanceof Error && 'code' in error && /^(ERR_)?MODULE_NOT_FOUND$/.test(String(error.code)))) {
      return null;
    }
    return /^Cannot find (?:package|module) '([^'\n]{1,300})'/.exec(error.message)?.[1] ?? null;
  } catch {
    return null;
  }
}
