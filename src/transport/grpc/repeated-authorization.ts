import type { IncomingHttpHeaders } from 'node:http2';

/**
 * Joins the values of several `authorization` headers, of which Node keeps the first alone: a proxy in front may have
 * looked at another. Names in HTTP/2 are in lower case (RFC 9113, section 8.2.1).
 */
export function keepEveryAuthorization(headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
  let values = '';
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i] === 'authorization') {
      values = values === '' ? (rawHeaders[i + 1] ?? '') : `${values}, ${rawHeaders[i + 1]}`;
    }
  }
  if (values !== '') {
    headers.authorization = values;
  }
}
