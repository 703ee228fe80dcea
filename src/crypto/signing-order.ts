/**
 * The key that signs at an instant, of keys in the order in which they were made: the newest that has begun, and before
 * any has the oldest. The order is the store's own and never that of the dates: a key that was made while a clock was
 * ahead would hand over late, or take over from what was made after it.
 */
export function signingKeyAt<Key extends { readonly activatesAt: number }>(
  keys: readonly Key[],
  now: number,
): Key | undefined {
  return keys.findLast((key) => key.activatesAt <= now) ?? keys[0];
}
