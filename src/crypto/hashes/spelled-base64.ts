/**
 * Base64 in one spelling: the standard alphabet without padding, of whichever alphabet and padding it came in. '' for what is none,
 * and for what was cut so that bits are left over.
 */
export function canonicalBase64(text: string): string {
  const spelled = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  const canonical = Buffer.from(spelled, 'base64').toString('base64').replace(/=+$/, '');
  return canonical === spelled ? canonical : '';
}
