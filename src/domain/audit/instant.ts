import type { FieldViolation } from '../errors.ts';

/** RFC 3339 with a time zone: whole seconds, or parts of them. */
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** An instant in milliseconds since 1970; null where it is missing. */
export function readInstant(field: string, text: string, faults: FieldViolation[]): number | null {
  if (text === '') {
    return null;
  }
  const at = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) {
    faults.push({ field, message: 'must be an instant of RFC 3339, as 2026-01-31T12:00:00Z' });
    return null;
  }
  return at;
}
