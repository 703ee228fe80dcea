/** A JSON object with each key once. */
export type JsonObject = Readonly<Record<string, unknown>>;

export type JsonObjectReading =
  | { readonly outcome: 'read'; readonly object: JsonObject }
  | { readonly outcome: 'not_an_object' | 'repeated_key' | 'forbidden_key' };

/**
 * Reads a JSON object. `JSON.parse` keeps the last of several equal keys, so that a proxy in front that keeps the
 * first sees another request than we do: repeated keys of the outermost object are refused, however they are
 * spelled, and so is `__proto__`.
 */
export function readJsonObject(text: string): JsonObjectReading {
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { outcome: 'not_an_object' };
  }
  const keys = Object.keys(value);
  if (keys.includes('__proto__')) {
    return { outcome: 'forbidden_key' };
  }
  if (countOutermostKeys(text) !== keys.length) {
    return { outcome: 'repeated_key' };
  }
  return { outcome: 'read', object: value as JsonObject };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN = [0x7b, 0x5b];
const CLOSE = [0x7d, 0x5d];

/** The number of keys, repeated ones included, of the outermost object of a text that `JSON.parse` accepts. */
function countOutermostKeys(text: string): number {
  let depth = 0;
  let keys = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(text, i);
    } else if (code === COLON) {
      keys += depth === 1 ? 1 : 0;
    } else if (OPEN.includes(code)) {
      depth++;
    } else if (CLOSE.includes(code)) {
      depth--;
    }
  }
  return keys;
}

/** The index of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) {
    end = text.indexOf('"', end + 1);
  }
  return end;
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(index - 1 - backslashes) === 0x5c) {
    backslashes++;
  }
  return backslashes % 2 === 1;
}
