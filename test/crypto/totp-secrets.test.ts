import { randomBytes, randomUUID } from 'node:crypto';
import { Secret, TOTP, URI } from 'otpauth';
import decodeQr from 'qr/decode.js';
import { describe, expect, test } from 'vitest';
import { SealedBox } from '../../src/crypto/sealed-box.ts';
import { factorPlace, SealedTotpSecrets } from '../../src/crypto/totp-secrets.ts';
import type { FactorUser } from '../../src/domain/second-factors/codes.ts';

const ADA: FactorUser = { orgId: randomUUID(), userId: randomUUID() };
const LABEL = { organization: 'Acme', email: 'ada@example.com' };
const STEP_MS = 30_000;

const box = new SealedBox(randomBytes(32));
const secrets = new SealedTotpSecrets(box);

/** RFC 6238, appendix B: the codes for SHA-1 of eight digits, of which the last six are those of six. */
const RFC_SECRET = Buffer.from('12345678901234567890');
const RFC_6238: readonly (readonly [seconds: number, step: string, code: string])[] = [
  [59, '0000000000000001', '94287082'],
  [1_111_111_109, '00000000023523EC', '07081804'],
  [1_111_111_111, '00000000023523ED', '14050471'],
  [1_234_567_890, '000000000273EF07', '89005924'],
  [2_000_000_000, '0000000003F940AA', '69279037'],
  [20_000_000_000, '0000000027BC86AA', '65353130'],
];

describe('a code of an authenticator app', () => {
  const sealed = box.seal(factorPlace(ADA), RFC_SECRET);
  const stepOf = (code: string, at: number) => secrets.matchingStep(ADA, sealed, code, at);

  test.each(RFC_6238)('RFC 6238, appendix B: at %d s, in step %s, is the end of %s', async (seconds, step, code) => {
    await expect(stepOf(code.slice(-6), seconds * 1000)).resolves.toBe(Number.parseInt(step, 16));
  });

  test.each(RFC_6238)(
    'of %d s is taken one step early and late, as that of its own step, and no further',
    async (seconds, step, code) => {
      const own = Number.parseInt(step, 16);
      const offsets = [-2, -1, 0, 1, 2];
      const taken = await Promise.all(offsets.map((off) => stepOf(code.slice(-6), seconds * 1000 + off * STEP_MS)));
      expect(taken).toEqual([null, own, own, own, null]);
    },
  );

  test('changes with the second that begins a step', async () => {
    const [[, , code] = []] = RFC_6238;
    const [first, last] = [30_000, 59_999];
    for (const at of [first, last]) {
      await expect(stepOf(String(code).slice(-6), at)).resolves.toBe(1);
    }
    // One step either side of the first and the last millisecond of step 1.
    const edges = [first - STEP_MS - 1, first - STEP_MS, last + STEP_MS, last + STEP_MS + 1];
    const steps = await Promise.all(edges.map((at) => stepOf(String(code).slice(-6), at)));
    expect(steps).toEqual([null, 1, 1, null]);
  });

  test.each(['', '94287082', '87082', '0287082', '287 082', '-87082', 'abcdef'])(
    'is not %j, at whatever time the right one begins so',
    async (code) => {
      await expect(stepOf(code, 59_000)).resolves.toBeNull();
    },
  );

  test('of the secret of another user or organization opens nothing: its box is bound to its row', async () => {
    for (const other of [
      { ...ADA, userId: randomUUID() },
      { ...ADA, orgId: randomUUID() },
    ]) {
      await expect(secrets.matchingStep(other, sealed, '287082', 59_000)).rejects.toThrow(
        expect.objectContaining({ reason: 'UNAVAILABLE' }),
      );
    }
  });

  test('is compared by whoever knows the secret of the store, and by nobody else', async () => {
    const stranger = new SealedTotpSecrets(new SealedBox(randomBytes(32)));
    await expect(stranger.matchingStep(ADA, sealed, '287082', 59_000)).rejects.toThrow(
      expect.objectContaining({ reason: 'UNAVAILABLE' }),
    );
  });
});

describe('a new secret', () => {
  test('is 160 bits, sealed, and gives the codes that an app makes of it', async () => {
    const { secret, sealedSecret } = await secrets.create(ADA, LABEL);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    const bytes = Secret.fromBase32(secret).bytes;
    expect(Buffer.from(sealedSecret).includes(Buffer.from(bytes))).toBe(false);
    expect(box.open(factorPlace(ADA), sealedSecret)).toEqual(Buffer.from(bytes));
    const at = 1_760_000_000_000;
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at });
    expect(await secrets.matchingStep(ADA, sealedSecret, code, at)).toBe(Math.floor(at / STEP_MS));
  });

  test('is another each time', async () => {
    const made = await Promise.all(Array.from({ length: 100 }, () => secrets.create(ADA, LABEL)));
    expect(new Set(made.map(({ secret }) => secret)).size).toBe(100);
  });

  test('as a link names issuer, account and parameters, whatever their names hold', async () => {
    for (const [organization, email, issuer = organization] of [
      ['Acme', 'ada@example.com'],
      // Apps take what follows the first colon for the account.
      ['Bücher & Söhne: 100 %', "o'hara+shop@xn--bcher-kva.example", 'Bücher & Söhne 100 %'],
      ['::', 'ada@example.com', ''],
      ['💥?issuer=Evil&secret=AAAA#', 'é中@example.com'],
    ] as const) {
      const { secret, otpauthUrl } = await secrets.create(ADA, { organization, email });
      const url = new URL(otpauthUrl);
      expect(otpauthUrl).toMatch(/^otpauth:\/\/totp\/[\x21-\x7e]+$/);
      expect(Object.fromEntries(url.searchParams)).toEqual({
        ...(issuer === '' ? {} : { issuer }),
        ...{ secret, algorithm: 'SHA1', digits: '6', period: '30' },
      });
      expect(url.hash).toBe('');
      const read = URI.parse(otpauthUrl);
      expect([read.issuer, read.label, read.secret.base32]).toEqual([issuer, email, secret]);
    }
  });
});

describe('the QR code of a new secret', () => {
  test.each([
    ['💥', 'ada@example.com', 92],
    ['中', `${'é'.repeat(121)}@example.com`, 82],
    ['中', 'ada@example.com', 100],
  ])('holds as much as it can of a name of 100 %s beside %s', async (letter, email, kept) => {
    const { otpauthUrl } = await secrets.create(ADA, { organization: letter.repeat(100), email });
    const { issuer, label } = URI.parse(otpauthUrl);
    expect([issuer, label]).toEqual([letter.repeat(kept), email]);
  });

  test.each([
    ['Acme', 'ada@example.com'],
    ['Bücher & Söhne: 100 %', "o'hara+shop@xn--bcher-kva.example"],
    // As long as either may be.
    ['N'.repeat(200), `${'a'.repeat(242)}@example.com`],
    ['💥'.repeat(100), `${'é'.repeat(121)}@example.com`],
    ['💥'.repeat(100), `${'%'.repeat(242)}@example.com`],
  ])('of %s and %s is read as its link', async (organization, email) => {
    const { otpauthUrl, qrCode } = await secrets.create(ADA, { organization, email });
    expect(decodeQr(bitmapOf(qrCode), { timeLimit: Number.MAX_SAFE_INTEGER })).toBe(otpauthUrl);
  });

  test('is an image that loads nothing, runs nothing and takes little', async () => {
    const { qrCode } = await secrets.create(ADA, LABEL);
    const svg = svgOf(qrCode);
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="[^"<>]+" shape-rendering="crispEdges">(?:<path(?: [a-z]+="[^"<>]+")+\/>){2}<\/svg>$/,
    );
    expect(svg).not.toMatch(/href|url\(|script| on/);
    expect(qrCode.length).toBeLessThan(16_384);
  });
});

const PIXELS = 4;

function svgOf(qrCode: string): string {
  const [, base64 = ''] = /^data:image\/svg\+xml;base64,([A-Za-z0-9+/]+=*)$/.exec(qrCode) ?? [];
  return Buffer.from(base64, 'base64').toString();
}

/** What a browser draws of the image, at a few pixels a module, black on white. */
function bitmapOf(qrCode: string): { readonly width: number; readonly height: number; readonly data: Uint8Array } {
  const svg = svgOf(qrCode);
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const [, lines = ''] = /stroke="#000" d="([^"]+)"/.exec(svg) ?? [];
  const width = size * PIXELS;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x, y, length] of lines.matchAll(/M(\d+) (\d+)\.5h(\d+)/g)) {
    for (let row = Number(y) * PIXELS; row < (Number(y) + 1) * PIXELS; row += 1) {
      for (let column = Number(x) * PIXELS; column < (Number(x) + Number(length)) * PIXELS; column += 1) {
        data.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3);
      }
    }
  }
  return { width, height: width, data };
}
