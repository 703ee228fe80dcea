import type { Reply } from './entrance.ts';

/** The keys, tokens and passwords of a run, so that no report shows one. */
export class Secrets {
  readonly #values = new Set<string>();

  /** Remembers a secret and gives it back. */
  keep(secret: string): string {
    // A shorter one could be a part of any word.
    if (secret.length >= 8) {
      this.#values.add(secret);
    }
    return secret;
  }

  /** Remembers what a reply gives to nobody but the caller, and gives the reply back. */
  keepOf(reply: Reply): Reply {
    const { token, challenge, secret, otpauth_url, qr_code, recovery_codes } = reply.fields;
    const codes = Array.isArray(recovery_codes) ? recovery_codes : [];
    for (const value of [token, challenge, secret, otpauth_url, qr_code, ...codes, reply.nextStep?.challenge]) {
      if (typeof value === 'string') {
        this.keep(value);
      }
    }
    return reply;
  }

  /** The text with every secret, and all that looks like a key or a session token, taken out. */
  mask(text: string): string {
    let masked = text;
    for (const value of this.#values) {
      masked = masked.replaceAll(value, HIDDEN);
    }
    return masked.replaceAll(/\baf(adm|m)?_[\w-]{43}/g, HIDDEN).replaceAll(/\bey[\w-]+\.[\w-]+\.[\w-]+/g, HIDDEN);
  }
}

const HIDDEN = '(secret)';
