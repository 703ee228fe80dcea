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
  const keys = outermostKeys(text);
  const object = keys.some((key) => key.isEscaped) ? renamed(text, keys) : (value as JsonObject);
  const names = Object.keys(object);
  if (names.includes('__proto__')) {
    return { outcome: 'forbidden_key' };
  }
  if (names.length !== keys.length) {
    return { outcome: 'repeated_key' };
  }
  return { outcome: 'read', object };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where a key stands in a text, its quotes included. */
interface Key {
  readonly start: number;
  readonly end: number;
  readonly isEscaped: boolean;
}

/**
 * The object with its keys read one by one. V8 of Node 24 can take a key that begins with an escape for another one that
 * it read before, so that a repeated key would pass: each is parsed by itself, and the object under plain names.
 */
function renamed(text: string, keys: readonly Key[]): JsonObject {
  let plain = '';
  let end = 0;
  keys.forEach((key, index) => {
    plain += `${text.slice(end, key.start)}"k${index}"`;
    end = key.end;
  });
  const values: Record<string, unknown> = JSON.parse(plain + text.slice(end));
  return Object.fromEntries(
    keys.map(({ start, end: keyEnd }, index) => [JSON.parse(text.slice(start, keyEnd)), values[`k${index}`]]),
  );
}

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN = [0x7b, 0x5b];
const CLOSE = [0x7d, 0x5d];

/** The keys, repeated ones included, of the outermost object of a text that `JSON.parse` accepts. */
function outermostKeys(text: string): readonly Key[] {
  const keys: Key[] = [];
  let depth = 0;
  let stringStart = 0;
  let stringEnd = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      stringStart = i;
      i = endOfString(text, i);
      stringEnd = i + 1;
    } else if (code === COLON) {
      if (depth === 1) {
        const isEscaped = text.slice(stringStart, stringEnd).includes('\\');
        keys.push({ start: stringStart, end: stringEnd, isEscaped });
      }
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
