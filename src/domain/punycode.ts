/**
 * The text that a label of a domain stands for, by what follows its `xn--` (RFC 3492, section 6.2), or null when it is
 * no Punycode. Whether such a text may stand in a domain at all is not asked here.
 */
export function decodePunycode(encoded: string): string | null {
  const lastHyphen = encoded.lastIndexOf('-');
  const codePoints = Array.from(encoded.slice(0, Math.max(lastHyphen, 0)), codePointOf);
  let codePoint = FIRST_NON_ASCII;
  let index = 0;
  let bias = INITIAL_BIAS;
  for (let at = lastHyphen + 1; at < encoded.length; ) {
    const number = readNumber(encoded, at, bias);
    if (number === null) {
      return null;
    }
    const count = codePoints.length + 1;
    bias = adapt(number.value, count, index === 0 && codePoint === FIRST_NON_ASCII);
    index += number.value;
    codePoint += Math.floor(index / count);
    index %= count;
    if (codePoint > LAST_CODE_POINT) {
      return null;
    }
    codePoints.splice(index, 0, codePoint);
    index += 1;
    at = number.end;
  }
  return String.fromCodePoint(...codePoints);
}

/** One of the numbers of variable length; null when it has no end, or a character that is no digit. */
function readNumber(
  encoded: string,
  start: number,
  bias: number,
): { readonly value: number; readonly end: number } | null {
  let value = 0;
  let weight = 1;
  for (let at = start, k = BASE; at < encoded.length; at += 1, k += BASE) {
    const digit = DIGITS.indexOf(encoded.charAt(at));
    if (digit === -1) {
      return null;
    }
    value += digit * weight;
    const threshold = Math.min(Math.max(k - bias, MIN_THRESHOLD), MAX_THRESHOLD);
    if (digit < threshold) {
      return { value, end: at + 1 };
    }
    weight *= BASE - threshold;
  }
  return null;
}

/** RFC 3492, section 6.1. */
function adapt(value: number, count: number, isFirst: boolean): number {
  let delta = isFirst ? Math.floor(value / DAMP) : Math.floor(value / 2);
  delta += Math.floor(delta / count);
  let k = 0;
  for (; delta > ((BASE - MIN_THRESHOLD) * MAX_THRESHOLD) / 2; k += BASE) {
    delta = Math.floor(delta / (BASE - MIN_THRESHOLD));
  }
  return k + Math.floor(((BASE - MIN_THRESHOLD + 1) * delta) / (delta + SKEW));
}

function codePointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

/** RFC 3492, section 5. */
const BASE = 36;
const MIN_THRESHOLD = 1;
const MAX_THRESHOLD = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const FIRST_NON_ASCII = 0x80;
const DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789';

const LAST_CODE_POINT = 0x10ffff;
