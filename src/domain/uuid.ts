const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether this is a UUID in the one spelling that ids are kept in: lower case with hyphens, of any version. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
