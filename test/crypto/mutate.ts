import { randomBytes, randomInt } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A token in base64url that was tampered with: a character changed, dropped, added or moved, another end, or a single bit of its bytes. */
export function mutate(token: string): string {
  const at = randomInt(token.length);
  const other = ALPHABET[randomInt(64)] ?? '';
  switch (randomInt(6)) {
    case 0:
      return token.slice(0, at) + other + token.slice(at + 1);
    case 1:
      return token.slice(0, at) + token.slice(at + 1);
    case 2:
      return token.slice(0, at) + other + token.slice(at);
    case 3:
      return token.slice(at) + token.slice(0, at);
    case 4:
      return (
        token.slice(0, at) +
        randomBytes(token.length)
          .toString('base64url')
          .slice(0, token.length - at)
      );
    default: {
      const bytes = Buffer.from(token, 'base64url');
      const index = randomInt(bytes.length);
      bytes.writeUInt8(bytes.readUInt8(index) ^ (1 << randomInt(8)), index);
      return bytes.toString('base64url');
    }
  }
}
