import { randomBytes } from 'node:crypto';
import { setTimeout as pauseFor } from 'node:timers/promises';
import type { Settings } from '../config/settings.ts';
import { RandomIdSource } from '../crypto/id-source.ts';
import type { SealedBox } from '../crypto/sealed-box.ts';
import type { SecretState } from '../crypto/secret-state.ts';
import { createSigningKey } from '../crypto/signing-key.ts';
import { cliOrigin } from '../domain/audit/audit-event.ts';
import type { Storage, StoreIdentity } from '../domain/storage.ts';
import { createClock } from './clock.ts';
import { storeEngine } from './release-engine.ts';
import { type Resealed, resealAll } from './reseal.ts';
import { beginFiles, endFiles, type SecretTarget } from './secret-files.ts';
import { StartError, StoreMissingError } from './start-error.ts';
import { askKnowing, findSecrets, openBox } from './store-secret.ts';

/** Five rounds in which servers look at secrets (`keyring-refresh.ts`): each knows one before it is in force, and what a store says. */
const LEARN_MS = 2_000;
/**
 * The longest deadline of a call (10 s), as long again for a COMMIT that was not answered (`postgres/runner.ts`), and two seconds for a
 * server to learn: what was sealed before it knew of the rotation is written by then. What is later its writer seals anew
 * (`kept-sealed.ts`).
 */
const SETTLE_MS = 22_000;

export interface SecretRotationOptions {
  /** Nothing that was signed under the secret of before is accepted any more: nonces and session tokens end. */
  readonly compromised: boolean;
  /** Waits for so many milliseconds, in which servers take notice. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/** What a rotation did. */
export interface SecretRotationReport {
  /** The id of the secret in force now, and of the one before; the second is null where nothing was to be done. */
  readonly secretId: string;
  readonly previousSecretId: string | null;
  readonly resealed: Resealed;
  /** Whether another secret is in force, or another one is not believed any more. */
  readonly isChanged: boolean;
  /** Where the secrets are, where the settings do not give them. */
  readonly files: { readonly secret: string; readonly previous: string } | null;
}

/**
 * Puts another secret in force, beside running servers, and seals under it what was sealed under the one before. The secret is that
 * of the settings, with the one that it replaces as AUTHFLOW_SECRET_PREVIOUS; or a new one is made beside the file of the store's.
 * From one write on every server seals and signs under it; until the end all need both. What was interrupted is gone on with by
 * another run. Takes some twenty-five seconds, most of which it waits.
 *
 * Throws StartError or SealedBoxError with a sentence for the operator: there is no other secret, one is missing, or another rotation
 * goes on.
 */
export async function rotateSecret(settings: Settings, options: SecretRotationOptions): Promise<SecretRotationReport> {
  const engine = await storeEngine(settings);
  if (!(await engine.exists())) {
    throw new StoreMissingError(engine.place);
  }
  const known = openBox(findSecrets(settings));
  const clock = createClock();
  const storage = (await engine.open()).causedBy(() => cliOrigin(clock.now()));
  try {
    const identity = await readIdentity(storage, engine.place);
    const state = askKnowing(settings, known, () => known.follow(identity));
    const target = settings.secret === null ? beginFiles(settings, known, state) : ofSettings(settings, known, state);
    return await rotate({ storage, settings, options, place: engine.place, identity, state, known, target });
  } finally {
    await storage.close();
  }
}

interface Rotation {
  readonly storage: Storage;
  readonly settings: Settings;
  readonly options: SecretRotationOptions;
  readonly place: string;
  readonly identity: StoreIdentity;
  readonly state: SecretState;
  /** Seals under what was in force when the rotation began. */
  readonly known: SealedBox;
  readonly target: SecretTarget;
}

async function rotate(rotation: Rotation): Promise<SecretRotationReport> {
  const { storage, settings, options, place, target } = rotation;
  const { pause = pauseFor } = options;
  const box = openBox([target.secret, ...findSecrets(settings)]);
  if (target.isNew) {
    await pause(LEARN_MS);
  }
  const begun = await begin(rotation, box);
  // What is sealed under a secret that was compromised is nobody's word: sealed anew it would be believed.
  box.follow(begun.identity);
  const previousSecretId = begun.state.resealingFrom;
  let resealed: Resealed;
  if (previousSecretId === null) {
    await pause(begun.isChanged ? LEARN_MS : 0);
    resealed = await resealAll(storage, box);
  } else {
    const first = await resealAll(storage, box);
    await pause(SETTLE_MS);
    const second = await resealAll(storage, box);
    resealed = {
      apiKeys: first.apiKeys + second.apiKeys,
      signingKeys: first.signingKeys + second.signingKeys,
      mails: first.mails + second.mails,
      secondFactors: first.secondFactors + second.secondFactors,
    };
    const to = box.sealSecretCheck(begun.identity.storeId, { ...begun.state, resealingFrom: null });
    await replace(storage, place, { from: begun.identity.secretCheck, to, compromised: null, rotated: null });
  }
  const files = settings.secret === null ? endFiles(settings, target) : null;
  return { secretId: box.secretId, previousSecretId, resealed, isChanged: begun.isChanged, files };
}

interface Begun {
  readonly identity: StoreIdentity;
  readonly state: SecretState;
  /** Whether servers that run may not know of it yet. */
  readonly isChanged: boolean;
}

/** Puts the target in force where it is not, in one write; gives what the store says then. */
async function begin({ storage, options, place, identity, state, known }: Rotation, box: SealedBox): Promise<Begun> {
  const isInForce = known.secretId === box.secretId;
  if (state.compromised.includes(box.secretId)) {
    throw new StartError(
      `The secret ${box.secretId} was compromised before: the store of ${place} never takes it again. Give another.`,
    );
  }
  const former = isInForce ? state.former : [...new Set([...state.former, known.secretId])];
  // What was never the store's may become it: only what was is distrusted.
  const replaced = box.knownSecretIds.filter((secretId) => secretId !== box.secretId && former.includes(secretId));
  const distrusted = options.compromised ? [...new Set([...state.compromised, ...replaced])] : state.compromised;
  if (isInForce && distrusted.length === state.compromised.length) {
    return { identity, state, isChanged: false };
  }
  const begun: SecretState = {
    resealingFrom: isInForce ? state.resealingFrom : known.secretId,
    compromised: distrusted,
    former,
  };
  const to = box.sealSecretCheck(identity.storeId, begun);
  const now = createClock().now();
  // Whoever has the secret and a copy of the store has its signing keys.
  const compromised = options.compromised
    ? {
        epoch: new RandomIdSource().uuidV4(),
        signingKey: createSigningKey(box, { createdAt: now, activatesAt: now }),
        at: now,
      }
    : null;
  const rotated = { secretId: box.secretId, previousSecretId: begun.resealingFrom };
  await replace(storage, place, { from: identity.secretCheck, to, compromised, rotated });
  return { identity: { ...identity, secretCheck: to }, state: begun, isChanged: true };
}

async function replace(
  storage: Storage,
  place: string,
  replacement: Parameters<Storage['replaceSecretCheck']>[0],
): Promise<void> {
  if (!(await storage.replaceSecretCheck(replacement))) {
    throw new StartError(`Another rotation of the secret of ${place} goes on. Run this again when it has ended.`);
  }
}

function ofSettings({ secret }: Settings, known: SealedBox, { former }: SecretState): SecretTarget {
  if (known.knownSecretIds.length < 2) {
    throw new StartError(
      `AUTHFLOW_SECRET is the only secret that is given (its id is ${known.secretId}). Give the new one as AUTHFLOW_SECRET and the ` +
        'one that it replaces as AUTHFLOW_SECRET_PREVIOUS, to every server first; then run this with both.',
    );
  }
  const target = { secret: secret ?? randomBytes(0), isNew: false };
  const others = known.knownSecretIds.filter((secretId) => secretId !== known.secretId);
  const isInForce = openBox([target.secret]).secretId === known.secretId;
  if (isInForce && !others.some((secretId) => former.includes(secretId))) {
    throw new StartError(
      `${known.secretId}, AUTHFLOW_SECRET, is already in force, and ${others.join(', ')} was never this store's: are the two ` +
        'swapped? Give the new one as AUTHFLOW_SECRET and the one that it replaces as AUTHFLOW_SECRET_PREVIOUS.',
    );
  }
  return target;
}

async function readIdentity(storage: Storage, place: string): Promise<StoreIdentity> {
  const identity = await storage.readStoreIdentity();
  if (identity === null) {
    throw new StartError(`${place} was not made to its end: "authflow serve" completes it.`);
  }
  return identity;
}
