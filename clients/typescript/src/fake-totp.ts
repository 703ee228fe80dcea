// RFC 6238 as a server takes it: SHA-1, six digits, 30 seconds, a step before and one after.
const STEP_MS = 30_000;
const DIGITS = 6;
const SECRET_BYTES = 20;
/** RFC 4648, section 6. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The secret of an authenticator app. */
export class TotpSecret {
  readonly #bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));

  /** As it is typed in. */
  get base32(): string {
    const bits = Array.from(this.#bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
    return bits.replace(/.{5}/g, (five) => BASE32.charAt(Number.parseInt(five, 2)));
  }

  /** The codes that are good now, by their steps. */
  async codes(): Promise<ReadonlyMap<number, string>> {
    const step = Math.floor(Date.now() / STEP_MS);
    const key = await crypto.subtle.importKey('raw', this.#bytes, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
    const steps = [step - 1, step, step + 1];
    return new Map(await Promise.all(steps.map(async (each) => [each, await codeAt(key, each)] as const)));
  }
}

/** The codes that authenticator apps show, looked up before a call looks at anything else: what follows happens at once. */
export class ShownCodes {
  readonly #codes: ReadonlyMap<TotpSecret, ReadonlyMap<number, string>>;

  private constructor(codes: ReadonlyMap<TotpSecret, ReadonlyMap<number, string>>) {
    this.#codes = codes;
  }

  /** Those of these secrets. */
  static async of(secrets: readonly TotpSecret[]): Promise<ShownCodes> {
    return new ShownCodes(new Map(await Promise.all(secrets.map(async (each) => [each, await each.codes()] as const))));
  }

  /** The steps and codes of a secret that come after a step, the earliest first. */
  after(secret: TotpSecret, usedStep: number): ReadonlyArray<readonly [number, string]> {
    return [...(this.#codes.get(secret) ?? [])].filter(([step]) => step > usedStep);
  }
}

/** RFC 4226, section 5.3. */
async function codeAt(key: Parameters<typeof crypto.subtle.sign>[1], step: number): Promise<string> {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = new DataView(await crypto.subtle.sign('HMAC', key, counter));
  const offset = mac.getUint8(mac.byteLength - 1) % 16;
  return String((mac.getUint32(offset) % 2 ** 31) % 10 ** DIGITS).padStart(DIGITS, '0');
}
