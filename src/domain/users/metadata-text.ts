import { faultOfMetadata } from './metadata.ts';

/** In bytes of UTF-8, as {@link faultOfMetadata} has it of what was parsed. */
const MAX_BYTES = 4_096;
const NO_OBJECT = 'must be the text of a JSON object';

/**
 * What is wrong with the text of a user's metadata, as the end of a sentence; null for nothing, and for none (''). Whoever reads it in
 * whatever language gets what was written: no integers beyond 2^53 (RFC 8259, 6), no key `__proto__`, no key twice.
 */
export function faultOfMetadataText(text: string): string | null {
  if (text === '') {
    return null;
  }
  if (text.length > MAX_BYTES || new TextEncoder().encode(text).length > MAX_BYTES) {
    return `must have at most ${MAX_BYTES} bytes`;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return NO_OBJECT;
  }
  return faultOfTokens(text) ?? faultOfMetadata(value);
}

/** A token of valid JSON: a string with the colon that makes it a key, a number, or a bracket. */
const TOKEN = /"((?:[^"\\]|\\.)*)"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[{}]/g;

/** What `JSON.parse` does not tell: it rounds numbers, takes the last of two keys, and makes `__proto__` one like others. */
function faultOfTokens(text: string): string | null {
  const objects: Set<string>[] = [];
  for (const [token, content, colon] of text.matchAll(TOKEN)) {
    if (token === '{') {
      objects.push(new Set());
    } else if (token === '}') {
      objects.pop();
    } else if (content === undefined) {
      if (
        !Number.isFinite(Number(token)) ||
        (Number.isInteger(Number(token)) && !Number.isSafeInteger(Number(token)))
      ) {
        return 'must hold no integers beyond 2^53';
      }
    } else if (colon !== undefined) {
      const key = String(JSON.parse(`"${content}"`));
      const keys = objects.at(-1);
      if (key === '__proto__') {
        return 'must not hold the key __proto__';
      }
      if (keys?.has(key)) {
        return 'must hold every key once';
      }
      keys?.add(key);
    }
  }
  return null;
}
