/** Crockford's base32: no letter that looks like another or like a digit. */
export const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 80 bits. */
export const RECOVERY_CODE_LENGTH = 16;

/** The one spelling of a recovery code; null for what is none. Case, groups and what Crockford reads as digits do not matter. */
export function parseRecoveryCode(text: string): string | null {
  const code = text.replaceAll(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return code.length === RECOVERY_CODE_LENGTH && [...code].every((symbol) => CROCKFORD.includes(symbol)) ? code : null;
}

/** As it is shown: in groups of four. */
export function spelledRecoveryCode(code: string): string {
  return (code.match(/.{4}/g) ?? []).join('-');
}
