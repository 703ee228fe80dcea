/** Of the JSON text, in bytes of UTF-8. */
const MOST_BYTES = 4_096;
const MOST_DEPTH = 8;

/** What is wrong with a user's metadata, as the end of a sentence; null for nothing. */
export function faultOfMetadata(metadata: unknown): string | null {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    return 'must be a JSON object';
  }
  const text = metadataText(metadata);
  if (text.length > MOST_BYTES || new TextEncoder().encode(text).length > MOST_BYTES) {
    return 'must have at most 4,096 bytes as JSON';
  }
  return faultWithin(metadata, 1);
}

/** Metadata as a row keeps it: '' for an empty object. */
export function metadataText(metadata: object): string {
  const text = JSON.stringify(metadata);
  return text === '{}' ? '' : text;
}

function faultWithin(value: unknown, depth: number): string | null {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return 'must hold no integer beyond 2^53: other programs would read another one';
  }
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  if (depth > MOST_DEPTH) {
    return `must be at most ${MOST_DEPTH} levels deep`;
  }
  for (const [name, member] of Object.entries(value)) {
    const fault = name === '__proto__' ? 'must hold no member __proto__' : faultWithin(member, depth + 1);
    if (fault !== null) {
      return fault;
    }
  }
  return null;
}
