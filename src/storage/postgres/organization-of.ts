/** The organization that an operation names in its parameters; null where it names none. */
export function organizationOf([first]: readonly unknown[]): string | null {
  if (typeof first === 'string') {
    return first;
  }
  const { orgId, tenant } = (first ?? {}) as {
    readonly orgId?: unknown;
    readonly tenant?: { readonly orgId?: unknown };
  };
  const named = orgId ?? tenant?.orgId;
  return typeof named === 'string' ? named : null;
}
