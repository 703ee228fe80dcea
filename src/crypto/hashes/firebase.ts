import { canonicalBase64 } from './spelled-base64.ts';

/** A password hash of Firebase's modified scrypt with what it was made under; all in base64. */
export interface FirebaseHash {
  readonly passwordHash: string;
  readonly salt: string;
  readonly saltSeparator: string;
  readonly signerKey: string;
}

/**
 * What is stored of it. Firebase's hash is the project's signer key, encrypted by AES-256-CTR under what scrypt derives of the password
 * (https://github.com/firebase/scrypt): key stream XOR signer key. Where both are known, so is the key stream, and it proves a password as
 * the hash does. So the signer key, with which a thief could guess at the whole project's hashes, is stored nowhere; what is
 * stored is a salted scrypt hash like any other. '' where a part cannot be read, or the two are not equally long.
 */
export function keyStreamOf(hash: FirebaseHash): { readonly salt: string; readonly keyStream: string } | '' {
  const passwordHash = bytesOf(hash.passwordHash);
  const signerKey = bytesOf(hash.signerKey);
  const salt = bytesOf(hash.salt);
  if (passwordHash.length !== signerKey.length || salt.length === 0) {
    return '';
  }
  const keyStream = passwordHash.map((byte, at) => byte ^ (signerKey[at] ?? 0));
  return {
    salt: unpadded(Buffer.concat([salt, bytesOf(hash.saltSeparator)])),
    keyStream: unpadded(Buffer.from(keyStream)),
  };
}

function bytesOf(base64: string): Buffer {
  return Buffer.from(canonicalBase64(base64), 'base64');
}

function unpadded(bytes: Buffer): string {
  return canonicalBase64(bytes.toString('base64'));
}
