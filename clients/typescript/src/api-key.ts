/**
 * Checks what will be sent as a header with every call: the libraries below would put a key that no header can carry,
 * such as one read from a file with its final newline, into their error. Throws TypeError.
 */
export function checkApiKey(apiKey: string): string {
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new TypeError('apiKey must be visible ASCII characters, without spaces or a final newline');
  }
  return apiKey;
}
