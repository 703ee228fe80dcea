import { randomBytes } from 'node:crypto';
import { AuthError } from '../domain/errors.ts';
import type { FactorUser, NewTotpSecret, TotpLabel, TotpSecrets } from '../domain/second-factors/codes.ts';
import { type SealedBox, SealedBoxError, type SealedPlace } from './sealed-box.ts';

/** As RFC 4226 (4, R6) recommends: 160 bits. */
const SECRET_BYTES = 20;
const PERIOD_SECONDS = 30;
/** Steps before and after the present one whose codes are taken: clocks of phones differ (RFC 6238, 5.2). */
const WINDOW = 1;
/** What every authenticator app takes. */
const PARAMETERS = { algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS } as const;

/**
 * What a QR code holds at most with its correction. Letters of other scripts take up to twelve bytes each: of a name that is too long for
 * its account the link has the beginning.
 */
const MOST_LINK_BYTES = 2_331;

/** Secrets of authenticator apps (RFC 6238), sealed for the row of their user. */
export class SealedTotpSecrets implements TotpSecrets {
  readonly #box: SealedBox;

  constructor(box: SealedBox) {
    this.#box = box;
  }

  /** Loads the libraries, which few calls need: for after the start. Rejected when they cannot be loaded. */
  async load(): Promise<void> {
    await Promise.all([loadOtp(), loadQr()]);
  }

  async create(user: FactorUser, { organization, email }: TotpLabel): Promise<NewTotpSecret> {
    const { TOTP, Secret } = await loadOtp();
    const { default: encodeQr } = await loadQr();
    const bytes = randomBytes(SECRET_BYTES);
    const totp = new TOTP({
      ...PARAMETERS,
      issuer: issuerOf(organization),
      label: email,
      secret: new Secret({ buffer: bufferOf(bytes) }),
    });
    while (totp.issuer !== '' && totp.toString().length > MOST_LINK_BYTES) {
      totp.issuer = [...totp.issuer].slice(0, -1).join('').trimEnd();
    }
    const otpauthUrl = totp.toString();
    return {
      secret: totp.secret.base32,
      otpauthUrl,
      qrCode: qrCodeOf(encodeQr(otpauthUrl, 'raw', { ecc: 'medium' })),
      sealedSecret: this.#box.seal(factorPlace(user), bytes),
    };
  }

  async matchingStep(user: FactorUser, sealedSecret: Uint8Array, code: string, at: number): Promise<number | null> {
    const { TOTP, Secret } = await loadOtp();
    const secret = new Secret({ buffer: bufferOf(this.#open(user, sealedSecret)) });
    const totp = new TOTP({ ...PARAMETERS, secret });
    const delta = totp.validate({ token: code, timestamp: at, window: WINDOW });
    return delta === null ? null : Math.floor(at / 1000 / PERIOD_SECONDS) + delta;
  }

  /** Throws AuthError UNAVAILABLE for a box that does not open: a process that knows another secret may open it. */
  #open(user: FactorUser, sealedSecret: Uint8Array): Buffer {
    try {
      return this.#box.open(factorPlace(user), sealedSecret);
    } catch (cause) {
      throw cause instanceof SealedBoxError ? new AuthError('UNAVAILABLE', { cause }) : cause;
    }
  }
}

/** Apps take what follows the first colon, encoded or not, for the account. */
function issuerOf(organization: string): string {
  return organization.replaceAll(/\s*:\s*/g, ' ').trim();
}

/** Where a sealed secret of a second factor belongs. */
export function factorPlace({ orgId, userId }: FactorUser): SealedPlace {
  return { purpose: 'second-factor', orgId, rowId: userId };
}

const loadOtp = () => import('otpauth');
const loadQr = () => import('qr');

/** One of its own: small ones share theirs. */
function bufferOf(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

/** A data URL of an SVG image: one line for each run of dark modules, so that it takes a quarter of what a square for each would. */
function qrCodeOf(rows: readonly (readonly boolean[])[]): string {
  const runs = rows.map((row, y) => {
    const line = row.map((isDark) => (isDark ? '1' : '0')).join('');
    return Array.from(line.matchAll(/1+/g), ({ index, 0: { length } }) => `M${index} ${y}.5h${length}`).join('');
  });
  const size = rows.length;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path stroke="#000" d="${runs.join('')}"/></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
