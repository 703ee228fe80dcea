/**
 * What a terminal or a reader of lines could act upon: control characters (CR, LF, ESC, the C1 range with its own
 * CSI), line and paragraph separators, marks that reverse the direction of text, and halves of surrogate pairs.
 */
const ACTIVE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * The text with every character that could act replaced by its `\uXXXX` escape. Applied to a line of JSON (without
 * its newline) it leaves the value as it was, because such characters stand inside JSON strings alone.
 */
export function printable(text: string): string {
  return text.replace(ACTIVE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
