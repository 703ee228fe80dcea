import { sealedApiKeyPlace } from '../crypto/api-key-source.ts';
import { mailPlace } from '../crypto/mail-sealer.ts';
import {
  type SealedBox,
  SealedBoxError,
  type SealedBoxFault,
  type SealedPlace,
  secretIdOf,
} from '../crypto/sealed-box.ts';
import { signingKeyPlace } from '../crypto/signing-key.ts';
import { factorPlace } from '../crypto/totp-secrets.ts';
import type { SealedMail } from '../domain/mail/storage.ts';
import type { SealedFactor } from '../domain/second-factors/storage.ts';
import type { SealedApiKey } from '../domain/secret/storage.ts';
import type { Storage } from '../domain/storage.ts';

/** A write of so many takes a millisecond or two of SQLite's time; across a network they share round trips. */
const RESEALED_AT_ONCE = 100;

/** How many values were sealed anew. */
export interface Resealed {
  readonly apiKeys: number;
  readonly signingKeys: number;
  /** Those that wait to be sent, or to be read. */
  readonly mails: number;
  /** Users' second factors. */
  readonly secondFactors: number;
}

/**
 * Seals under the secret in force what is sealed under another that is known, in small steps beside calls. A value that is replaced or
 * erased meanwhile is left to whoever did; one that does not open is left as it is, for `doctor` to tell.
 */
export async function resealAll(storage: Storage, box: SealedBox): Promise<Resealed> {
  const keys = (await storage.listSigningKeys()).flatMap(({ kid, sealedPrivateKey }) => {
    const to = resealed(box, signingKeyPlace(kid), sealedPrivateKey);
    return to === null ? [] : [{ kid, from: sealedPrivateKey, to }];
  });
  let signingKeys = 0;
  for (let start = 0; start < keys.length; start += RESEALED_AT_ONCE) {
    signingKeys += await storage.resealSigningKeys(keys.slice(start, start + RESEALED_AT_ONCE));
  }
  return {
    signingKeys,
    apiKeys: await resealApiKeys(storage, box),
    mails: await resealMails(storage, box),
    secondFactors: await resealFactors(storage, box),
  };
}

async function resealApiKeys(storage: Storage, box: SealedBox): Promise<number> {
  let changed = 0;
  for (let after: SealedApiKey | null = null; ; ) {
    const rows: readonly SealedApiKey[] = await storage.listSealedApiKeys(after, RESEALED_AT_ONCE);
    after = rows.at(-1) ?? null;
    if (after === null) {
      return changed;
    }
    const keys = rows.flatMap(({ orgId, keyId, sealedApiKey }) => {
      const to = resealed(box, sealedApiKeyPlace({ orgId, keyId }), sealedApiKey);
      return to === null ? [] : [{ orgId, keyId, from: sealedApiKey, to }];
    });
    changed += keys.length === 0 ? 0 : await storage.resealApiKeys(keys);
  }
}

/** One in each write: those that hold a mail hold one alone. Requests for mails are answered within seconds, by who knows both secrets. */
async function resealMails(storage: Storage, box: SealedBox): Promise<number> {
  let changed = 0;
  for (let after: string | null = null; ; ) {
    const rows: readonly SealedMail[] = await storage.listSealedMails(after, RESEALED_AT_ONCE);
    after = rows.at(-1)?.mailId ?? null;
    if (after === null) {
      return changed;
    }
    for (const mail of rows) {
      const to = resealed(box, mailPlace(mail), mail.from);
      changed += Number(to !== null && (await storage.resealMail({ ...mail, to })));
    }
  }
}

/** One in each write, as mails: each holds a user alone. */
async function resealFactors(storage: Storage, box: SealedBox): Promise<number> {
  let changed = 0;
  for (let after: SealedFactor | null = null; ; ) {
    const rows: readonly SealedFactor[] = await storage.listSealedFactors(after, RESEALED_AT_ONCE);
    after = rows.at(-1) ?? null;
    if (after === null) {
      return changed;
    }
    for (const factor of rows) {
      changed += Number(await resealFactor(storage, box, factor));
    }
  }
}

/** Seals a factor anew where it is sealed under another secret; tells whether it was. */
export async function resealFactor(storage: Storage, box: SealedBox, factor: SealedFactor): Promise<boolean> {
  const anew = (sealed: Uint8Array | null) => sealed && resealed(box, factorPlace(factor), sealed);
  const to = { sealedSecret: anew(factor.sealedSecret), pendingSecret: anew(factor.pendingSecret) };
  if (to.sealedSecret === null && to.pendingSecret === null) {
    return false;
  }
  return storage.resealFactor(factor, {
    sealedSecret: to.sealedSecret ?? factor.sealedSecret,
    pendingSecret: to.pendingSecret ?? factor.pendingSecret,
  });
}

function resealed(box: SealedBox, place: SealedPlace, sealed: Uint8Array): Uint8Array | null {
  try {
    return box.reseal(place, sealed);
  } catch (error) {
    if (error instanceof SealedBoxError) {
      return null;
    }
    throw error;
  }
}

/** What there is of values of a kind that are kept sealed. */
export interface SealedCounts {
  readonly count: number;
  /** Sealed under another secret than the one in force. */
  readonly stale: number;
  /** The ids of those secrets. */
  readonly staleSecretIds: ReadonlySet<string>;
  /** Those that do not open though the secret is known. */
  readonly damaged: number;
}

/** Opens every API key that is kept sealed. */
export function countSealedApiKeys(storage: Storage, box: SealedBox): Promise<SealedCounts> {
  return countSealed(
    box,
    (after: SealedApiKey | null) => storage.listSealedApiKeys(after, RESEALED_AT_ONCE),
    (key) => [{ place: sealedApiKeyPlace(key), sealed: key.sealedApiKey }],
  );
}

/** Opens every secret of a second factor, confirmed or not. */
export function countSealedFactors(storage: Storage, box: SealedBox): Promise<SealedCounts> {
  return countSealed(
    box,
    (after: SealedFactor | null) => storage.listSealedFactors(after, RESEALED_AT_ONCE),
    (factor) =>
      [factor.sealedSecret, factor.pendingSecret].flatMap((sealed) =>
        sealed === null ? [] : [{ place: factorPlace(factor), sealed }],
      ),
  );
}

async function countSealed<Row>(
  box: SealedBox,
  list: (after: Row | null) => Promise<readonly Row[]>,
  valuesOf: (row: Row) => readonly { readonly place: SealedPlace; readonly sealed: Uint8Array }[],
): Promise<SealedCounts> {
  const staleSecretIds = new Set<string>();
  const counts = { count: 0, stale: 0, damaged: 0, staleSecretIds };
  for (let after: Row | null = null; ; ) {
    const rows: readonly Row[] = await list(after);
    after = rows.at(-1) ?? null;
    if (after === null) {
      return counts;
    }
    for (const { place, sealed } of rows.flatMap(valuesOf)) {
      counts.count += 1;
      const fault = faultOf(box, place, sealed);
      if (fault !== null && fault !== 'other_secret') {
        counts.damaged += 1;
      } else if (secretIdOf(sealed) !== box.secretId) {
        counts.stale += 1;
        staleSecretIds.add(secretIdOf(sealed));
      }
    }
  }
}

function faultOf(box: SealedBox, place: SealedPlace, sealed: Uint8Array): SealedBoxFault | null {
  try {
    box.open(place, sealed);
    return null;
  } catch (error) {
    if (error instanceof SealedBoxError) {
      return error.fault;
    }
    throw error;
  }
}
