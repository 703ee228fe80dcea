/** Crockford's base32: no letter that looks like another or like a digit. */
export const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 80 bits. */
export const RECOVERY_CODE_LENGTH = 16;

/** The one spelling of a recovery code; null for what is none. Case, groups and what Crockford reads as digits do not matter. */
export function parseRecoveryCode(text: string): string | null {
  const given = text.replaceAll(/[\s-]/g, '');
  // Before it is in upper case, where some letters are others: 'ß' is 'SS' there.
  if (given.length !== RECOVERY_CODE_LENGTH || !/^[0-9A-Za-z]+$/.test(given)) {
    return null;
  }
  const code = given.toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return [...code].every((symbol) => CROCKFORD.includes(symbol)) ? code : null;
}

/** As it is shown: in groups of four. */
export function spelledRecoveryCode(code: string): string {
  return (code.match(/.{4}/g) ?? []).join('-');
}
