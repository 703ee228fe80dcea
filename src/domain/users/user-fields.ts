import type { FieldViolation } from '../errors.ts';
import { faultOfMetadataText } from './metadata-text.ts';
import { faultOfRoles } from './roles.ts';

/** The longest `fullname`, in code points. */
export const MAX_FULLNAME = 200;

/** A user's roles, each once. */
export function readRoles(roles: readonly string[], faults: FieldViolation[]): readonly string[] {
  addFault('roles', faultOfRoles(roles), faults);
  return roles;
}

/** The text of a JSON object; '' for none. */
export function readMetadata(
  field: 'public_metadata' | 'private_metadata',
  text: string,
  faults: FieldViolation[],
): string {
  addFault(field, faultOfMetadataText(text), faults);
  return text;
}

function addFault(field: string, message: string | null, faults: FieldViolation[]): void {
  // One that was told by who read the text is not told again.
  if (message !== null && !faults.some((fault) => fault.field === field)) {
    faults.push({ field, message });
  }
}
