import type { ReadHash } from '../../domain/ports.ts';
import { keyStreamOf } from './firebase.ts';
import { keycloakHash } from './keycloak.ts';
import { canonicalBase64 } from './spelled-base64.ts';
import { readStoredHash } from './stored-hash.ts';

/** A spelling of another system: how it looks, and what it becomes. `rewrite` gives '' where a part cannot be read. */
interface Spelling {
  readonly form: RegExp;
  readonly rewrite: (parts: readonly string[]) => string;
}

const SPELLINGS: readonly Spelling[] = [
  // passlib (`$pbkdf2-sha256$29000$…`, and `$pbkdf2$` for SHA-1) writes `.` for `+`.
  {
    form: /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(\d+)\$([^$]+)\$([^$]+)$/,
    rewrite: ([hash = '', iterations, salt = '', digest = '']) =>
      pbkdf2(hash || 'sha1', iterations, canonicalBase64(plussed(salt)), canonicalBase64(plussed(digest))),
  },
  // The PHC form of other libraries, and of Auth0's imports.
  {
    form: /^\$pbkdf2-(sha1|sha256|sha512)\$i=(\d+)(?:,l=\d+)?\$([^$]+)\$([^$]+)$/,
    rewrite: ([hash, iterations, salt = '', digest = '']) =>
      pbkdf2(hash, iterations, canonicalBase64(salt), canonicalBase64(digest)),
  },
  {
    form: /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/,
    rewrite: ([ln, r, p, salt = '', digest = '']) => scrypt(ln, r, p, canonicalBase64(salt), canonicalBase64(digest)),
  },
  {
    form: /^\$(argon2id|argon2i|argon2d)\$v=19\$(m=\d+,t=\d+,p=\d+)\$([^$]+)\$([^$]+)$/,
    rewrite: ([algorithm, parameters, salt = '', digest = '']) =>
      `$${algorithm}$v=19$${parameters}$${canonicalBase64(salt)}$${canonicalBase64(digest)}`,
  },
  // Supabase Auth's, which carries Firebase's parameters.
  {
    form: /^\$fbscrypt\$v=1,n=(\d+),r=(\d+),p=(\d+),ss=([^,$]*),sk=([^,$]+)\$([^$]+)\$([^$]+)$/,
    rewrite: ([memCost, rounds, p, saltSeparator = '', signerKey = '', salt = '', passwordHash = '']) => {
      const stream = keyStreamOf({ passwordHash, salt, saltSeparator, signerKey });
      return stream && `$firebase-scrypt$ln=${memCost},r=${rounds},p=${p}$${stream.salt}$${stream.keyStream}`;
    },
  },
  // Django's: salts are the bytes of their text.
  {
    form: /^pbkdf2_(sha1|sha256)\$(\d+)\$([^$]+)\$([^$]+)$/,
    rewrite: ([hash, iterations, salt = '', digest = '']) =>
      pbkdf2(hash, iterations, ofText(salt), canonicalBase64(digest)),
  },
  {
    form: /^scrypt\$(\d+)\$([^$]+)\$(\d+)\$(\d+)\$([^$]+)$/,
    rewrite: ([n, salt = '', r, p, digest = '']) =>
      scrypt(String(Math.log2(Number(n))), r, p, ofText(salt), canonicalBase64(digest)),
  },
  { form: /^argon2(\$argon2.+)$/, rewrite: ([inner = '']) => rewritten(inner) },
  { form: /^bcrypt\$(\$2.+)$/, rewrite: ([inner = '']) => inner },
];

/** Beyond it nothing is looked at: four times what may be stored, because Keycloak's JSON names all that it holds. */
const MAX_GIVEN = 2_048;

/**
 * The form in which a hash of another system is stored: bcrypt, argon2, scrypt, PBKDF2 and Firebase's scrypt in the spellings of PHC
 * strings, passlib, Django, Supabase Auth and Keycloak (the JSON of its `credentialData` and `secretData`). Within the bounds of
 * docs/security.md, P6; a fault is a predicate, and quotes nothing.
 */
export function readForeignHash(given: string): ReadHash {
  if (given.length > MAX_GIVEN) {
    return { fault: 'is too long' };
  }
  const text = given.startsWith('{') ? keycloakHash(given) : given;
  const stored = rewritten(text);
  if (readStoredHash(stored) !== null) {
    return { stored };
  }
  return { fault: stored === '' || !NAMED.test(stored) ? UNKNOWN : OUT_OF_BOUNDS };
}

const NAMED = /^(?:\$2[aby]\$|bcrypt_sha256\$|\$argon2(?:id|i|d)\$v=19\$|\$(?:firebase-)?scrypt\$|\$pbkdf2-sha)/;

const UNKNOWN = 'has a form that is not known';

const OUT_OF_BOUNDS =
  'is cut off or out of bounds: a digest has 16 bytes or more, a salt 8 to 64; bcrypt costs at most 15, argon2 100 MiB, 10 passes, ' +
  '640 MiB times passes and 8 lanes, scrypt 80 MiB (128·N·r·p), PBKDF2 3,000,000 iterations, 2,000,000 with SHA-1, 1,500,000 with SHA-512';

function rewritten(text: string): string {
  for (const { form, rewrite } of SPELLINGS) {
    const match = form.exec(text);
    if (match !== null) {
      return rewrite(match.slice(1));
    }
  }
  return text;
}

function pbkdf2(hash: string | undefined, iterations: string | undefined, salt: string, digest: string): string {
  return `$pbkdf2-${hash}$i=${iterations}$${salt}$${digest}`;
}

function scrypt(
  ln: string | undefined,
  r: string | undefined,
  p: string | undefined,
  salt: string,
  digest: string,
): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${salt}$${digest}`;
}

function plussed(base64: string): string {
  return base64.replaceAll('.', '+');
}

function ofText(salt: string): string {
  return canonicalBase64(Buffer.from(salt).toString('base64'));
}
