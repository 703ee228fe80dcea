/** bcrypt's own form: algorithm, cost of 4 to 31, 22 characters of salt and 31 of the hash. What this service's hasher makes. */
const BCRYPT = /^\$2b\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/** Whether a text can be a user's hash: whoever logs in is compared with it. The one place that knows which formats are taken. */
export function isStorableHash(passwordHash: string): boolean {
  return BCRYPT.test(passwordHash);
}
