import type { FieldViolation } from './errors.ts';

/**
 * Which fields a call changes, by their JSON names. Adds a fault for a mask that names none, or one that there is not: who forgot it must
 * not take nothing for everything.
 */
export function readMask<Name extends string>(
  mask: readonly string[],
  names: readonly Name[],
  faults: FieldViolation[],
): ReadonlySet<Name> {
  const named = names.filter((name) => mask.includes(name));
  if (mask.length === 0) {
    faults.push({ field: 'update_mask', message: `must name what to change, of these: ${names.join(', ')}` });
  } else if (mask.some((name) => !names.some((known) => known === name))) {
    faults.push({ field: 'update_mask', message: `must name none but these: ${names.join(', ')}` });
  }
  return new Set(named);
}
