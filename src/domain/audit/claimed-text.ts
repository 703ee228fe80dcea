/** The longest text that a key's holder may leave in the audit log, in UTF-16 units: user agents of programs are shorter. */
const MAX_CLAIMED = 256;

/** What a terminal or a reader of lines could act upon, and halves of surrogate pairs. */
const ACTIVE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Keys and tokens of ours, whole or cut: nobody sends them here but by mistake. */
const CREDENTIALS = /\bafm?_[\w-]{8,}|\bafadm_[\w-]{8,}|\beyJ[\w-]{8,}(?:\.[\w-]*)*/g;

/** The characters of addresses of either kind, without a zone. */
const ADDRESS = /^[\da-fA-F:.]{2,45}$/;

/** A text that somebody else made, as the audit log keeps it: one line without anything that acts, cut, and no credential of ours. */
export function claimedText(text: string): string {
  const cut = text.length > 4 * MAX_CLAIMED ? text.slice(0, 4 * MAX_CLAIMED) : text;
  return cut.replace(CREDENTIALS, '(credential)').replace(ACTIVE, '\u{FFFD}').slice(0, MAX_CLAIMED).toWellFormed();
}

/** An IP address that somebody claims; '' for what cannot be one. */
export function claimedAddress(text: string): string {
  return ADDRESS.test(text) ? text.toLowerCase() : '';
}
