// In JavaScript: the entry asks on any Node that somebody starts it with.

/**
 * Whether a release of Node (`24.21.0`) is known to keep its memory whole, whatever HTTP/2 frames strangers send. Older
 * ones use a stream that was freed when frames are received while others are sent (nodejs/node#64113). Mended by
 * nodejs/node#64166 in 26.8.0 and, together with #65093, in 24.21.0. 25 ended without it.
 *
 * @param {string} version
 */
export function isSafeNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  switch (major) {
    case 24:
      return minor >= 21;
    case 26:
      return minor >= 8;
    default:
      return major > 26;
  }
}
