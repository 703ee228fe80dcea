const NAMES = [
  'FOOBAR',
  'FOOBAR_KEYLESS',
  'FOOBAR_KEYLESS_TOTAL',
  'SIGNUP',
  'LOGIN',
  'MAIL_REQUEST',
  'PERSON',
  'ORGANIZATIONS',
  'ORGANIZATIONS_TOTAL',
];

/** Limits that are kept, and that no load of a benchmark meets: peaks are measured. */
export const UNREACHED_LIMITS = everyLimit('1000000/s');

export const NO_LIMITS = everyLimit('off');

/** @param {string} rate */
function everyLimit(rate) {
  return Object.fromEntries(NAMES.map((name) => [`AUTHFLOW_LIMIT_${name}`, rate]));
}
