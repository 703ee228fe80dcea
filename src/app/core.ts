import type { Settings } from '../config/settings.ts';
import { RandomApiKeySource } from '../crypto/api-key-source.ts';
import { HmacChallengeTokens } from '../crypto/challenge-tokens.ts';
import { type Hashing, HashPool } from '../crypto/hash-pool.ts';
import { readForeignHash } from '../crypto/hashes/foreign-hash.ts';
import { RandomIdSource } from '../crypto/id-source.ts';
import { Keyring } from '../crypto/keyring.ts';
import { KeyedLoginCodes } from '../crypto/login-codes.ts';
import { BoxMailSealer } from '../crypto/mail-sealer.ts';
import { HmacMailTokens } from '../crypto/mail-tokens.ts';
import { HmacNonceSigner } from '../crypto/nonce-signer.ts';
import { PooledPasswordHasher } from '../crypto/password-hasher.ts';
import type { SealedBox } from '../crypto/sealed-box.ts';
import { SessionJwt } from '../crypto/session-jwt.ts';
import { createSigningKey } from '../crypto/signing-key.ts';
import { SealedTotpSecrets } from '../crypto/totp-secrets.ts';
import { type AuditOrigin, systemOrigin } from '../domain/audit/audit-event.ts';
import { HARD_LOCK_AT } from '../domain/auth/tries.ts';
import { TryEnds } from '../domain/auth/try-ends.ts';
import { TryGate } from '../domain/auth/try-gate.ts';
import { WaitingRequests } from '../domain/mail/waiting-requests.ts';
import type { AdminTokenVerifier, Clock, IdSource, MailOpener, Ports } from '../domain/ports.ts';
import { SessionUses } from '../domain/sessions/session-uses.ts';
import type { Storage, StoreIdentity } from '../domain/storage.ts';
import type { Engine, MigrationTitle, OpenStore, StoreObserver } from '../storage/engine.ts';
import { StoreReplacedError } from '../storage/store-error.ts';
import type { Writer } from '../storage/write-requests.ts';
import { breachedPasswords } from './breached-passwords.ts';
import { createClock } from './clock.ts';
import { commonPasswords } from './common-passwords.ts';
import { adminTokens, findCredentials, makeCredentials } from './credentials.ts';
import { type DataPaths, dataPaths } from './data-directory.ts';
import { hashParameters } from './hash-parameters.ts';
import { keptSealed } from './kept-sealed.ts';
import { profileRules } from './profile-rules.ts';
import { storeEngine } from './release-engine.ts';
import { StoreMissingError } from './start-error.ts';
import { askKnowing, learnSecrets, openBox, refuseUnknownSecret } from './store-secret.ts';

/** Everything behind the entrances, constructed over one open store. */
export interface Core {
  readonly ports: Ports;
  /** What the store is in. */
  readonly engine: Engine;
  readonly keyring: Keyring;
  readonly mailOpener: MailOpener;
  /**
   * As {@link OpenStore.checkSchema}; throws StoreReplacedError, too, where another store or none is in its place, and
   * SecretReplacedError where its secret was replaced by one that this process does not know, RotationLostError where a compromised one
   * is in force again.
   */
  checkStore(): Promise<void>;
  /** What was made because it was missing; null when the store was there, and on PostgreSQL. */
  readonly made: MadeStore | null;
  /** As {@link OpenStore.write}. */
  readonly write: Writer['write'];
  /**
   * Reads the store's epoch and which secret is in force anew: another process may have replaced them. Throws what the store throws,
   * StoreReplacedError, and SealedBoxError where this process does not know the secret in force.
   */
  followStore(): Promise<void>;
  /** Loads what is left out of the start. Rejected when it cannot be read. */
  load(): Promise<void>;
  /** Ends the hashing, writes how tries ended that could not be written before, then closes the store; all let what was begun end. */
  close(): Promise<void>;
}

export interface CoreOptions {
  /** Whether a missing store is made, and an older one migrated. */
  readonly makeStore: boolean;
  /** Whether writes run in a thread of their own; they do not by default. */
  readonly writesInThread?: boolean;
  /** Who writes to a store's file in the place of this process. */
  readonly writer?: Writer | undefined;
  /** Who watches a store across a network. */
  readonly observer?: StoreObserver;
  /** Asked before a store that is there is migrated: what it throws leaves the store as it is. */
  readonly beforeMigrating?: () => Promise<void>;
  /** Told what was applied to the store, where anything was. */
  readonly onMigrated?: (applied: readonly MigrationTitle[]) => void;
  /** Where passwords are hashed; by default in a pool of its own. It is closed with the core. */
  readonly hashing?: Hashing;
  /** Where writes come from that no call asks for, for the audit log; by default the service itself. */
  readonly originAt?: (at: number) => AuditOrigin;
}

/** What a first start made. */
export interface MadeStore {
  readonly paths: DataPaths;
  /** Whether the secret was made, in its file. */
  readonly madeSecret: boolean;
  /** The admin token, where it was made. Never log it. */
  readonly adminToken: string | null;
}

/**
 * Opens the store of the settings and constructs what the rules need over it.
 *
 * `makeStore`: a missing store is made, with its secret and admin token where the settings give none; otherwise
 * StoreMissingError names the path. A secret is never made beside an existing store; a signing key is, where none of the
 * store's can be used. Throws StartError or StoreError with a sentence for the operator: the secret is missing or another
 * one, the store is of a newer release.
 */
export async function openCore(settings: Settings, options: CoreOptions): Promise<Core> {
  const paths = dataPaths(settings.dataDir);
  const engine = await storeEngine(settings);
  const exists = await engine.exists();
  if (!exists && !options.makeStore) {
    throw new StoreMissingError(engine.place);
  }
  const { database } = settings;
  const isMade = !exists && database.engine === 'sqlite';
  const credentials = isMade ? makeCredentials(settings, paths, database.file) : findCredentials(settings);
  if (options.makeStore) {
    await migrate(engine, { settings, exists, secrets: credentials.secrets, options });
  }
  const { writesInThread = false, writer, observer } = options;
  const storage = await engine.open({
    writesInThread,
    ...(writer ? { writer } : {}),
    ...(observer ? { observer } : {}),
  });
  try {
    const constructed = await construct(settings, storage, {
      place: engine.place,
      secrets: credentials.secrets,
      adminTokens: adminTokens(settings, paths),
      hashing: options.hashing ?? new HashPool({ parameters: hashParameters(settings) }),
      originAt: options.originAt ?? systemOrigin,
    });
    if (options.makeStore) {
      await constructed.keyring.ensureKey();
    }
    return { ...constructed, engine, made: isMade ? { paths, ...credentials.made } : null };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

interface Migrating {
  readonly settings: Settings;
  readonly exists: boolean;
  readonly secrets: readonly Uint8Array[];
  readonly options: CoreOptions;
}

/** A start that is to fail fails before it has migrated: older releases might refuse the store then. */
async function migrate(engine: Engine, { settings, exists, secrets, options }: Migrating): Promise<void> {
  if (exists && (await engine.planMigrations()).length > 0) {
    const identity = await engine.readIdentity();
    if (identity !== null) {
      const box = openBox(secrets);
      askKnowing(settings, box, () => box.checkSecret(identity));
    }
    await options.beforeMigrating?.();
  }
  const applied = await engine.migrate();
  if (applied.length > 0) {
    options.onMigrated?.(applied);
  }
}

interface Given {
  /** Of the store, as sentences name it. */
  readonly place: string;
  readonly secrets: readonly Uint8Array[];
  readonly adminTokens: AdminTokenVerifier;
  readonly hashing: Hashing;
  readonly originAt: (at: number) => AuditOrigin;
}

async function construct(
  settings: Settings,
  opened: OpenStore,
  { place, secrets, adminTokens, hashing, originAt }: Given,
): Promise<Omit<Core, 'engine' | 'made'>> {
  const clock = createClock();
  // With its methods as its own, so that it can be spread: what `causedBy` gives inherits them.
  const caused: Storage = { ...opened, ...opened.causedBy(() => originAt(clock.now())) };
  const ids = new RandomIdSource();
  const box = openBox(secrets);
  const storage: Storage = { ...caused, ...keptSealed({ storage: caused, box, follow: () => followStore() }) };
  const store = await identify(settings, storage, { box, clock, ids });
  const keyring = new Keyring({ storage, box, clock });
  await keyring.load();
  const apiKeys = new RandomApiKeySource({ box, claim: settings.apiKeyClaim });
  const nonces = new HmacNonceSigner({ secrets: box.signingSecrets, store });
  const mailTokens = new HmacMailTokens({ secrets: box.signingSecrets, store });
  const challengeTokens = new HmacChallengeTokens({ secrets: box.signingSecrets, store });
  const sessionTokens = new SessionJwt({
    keyring,
    issuer: settings.issuer,
    ids,
    apiKeys,
    apiKeyClaim: settings.apiKeyClaim,
  });
  const mails = new BoxMailSealer({ box, ids, limit: settings.mailLimit });
  const tryGate = new TryGate(settings.lockAfter);
  const tryEnds = new TryEnds({ storage, tryGate });
  const sessionUses = new SessionUses(storage);
  const ports: Ports = {
    storage,
    clock,
    ids,
    passwords: new PooledPasswordHasher(hashing),
    foreignHashes: { read: readForeignHash },
    nonces,
    mailTokens,
    challengeTokens,
    totpSecrets: new SealedTotpSecrets(box),
    loginCodes: new KeyedLoginCodes(box),
    sessionTokens,
    apiKeys,
    adminTokens,
    mails,
    waitingRequests: new WaitingRequests(),
    breachedPasswords: breachedPasswords(settings),
    tryGate,
    tryEnds,
    sessionUses,
    rules: {
      nonceTtlSeconds: settings.nonceTtlSeconds,
      sessionTtlSeconds: settings.sessionTtlSeconds,
      sessionMaxAgeSeconds: settings.sessionMaxAgeSeconds,
      openSignup: settings.openSignup,
      ...profileRules(settings),
      commonWords: commonPasswords(),
      protectedRoles: settings.protectedRoles,
      lock: { lockAfter: settings.lockAfter, lockMaxMs: settings.lockMaxMs, hardLockAt: HARD_LOCK_AT },
    },
  };
  const readIdentity = async () => {
    const present = await storage.readStoreIdentity();
    if (present?.storeId !== store.storeId) {
      throw new StoreReplacedError(place);
    }
    return present;
  };
  async function followStore(): Promise<void> {
    const identity = await readIdentity();
    if (learnSecrets(settings, box)) {
      keyring.forgetDamaged();
    }
    box.follow(identity);
    nonces.use(identity.epoch, box.signingSecrets);
    mailTokens.use(identity.epoch, box.signingSecrets);
    challengeTokens.use(identity.epoch, box.signingSecrets);
  }
  return {
    ports,
    keyring,
    mailOpener: mails,
    followStore,
    async checkStore() {
      await opened.checkSchema();
      const identity = await readIdentity();
      learnSecrets(settings, box);
      refuseUnknownSecret(box, identity);
    },
    write: opened.write,
    load: () => sessionTokens.load(),
    async close() {
      await hashing.close();
      await tryEnds.close();
      await sessionUses.close();
      await storage.close();
    },
  };
}

/** The store's identity, given to it now where it is new. Throws SealedBoxError for another secret. */
async function identify(
  settings: Settings,
  storage: Storage,
  { box, clock, ids }: { readonly box: SealedBox; readonly clock: Clock; readonly ids: IdSource },
): Promise<StoreIdentity> {
  const present = await storage.readStoreIdentity();
  if (present !== null) {
    askKnowing(settings, box, () => box.follow(present));
    return present;
  }
  const storeId = ids.uuidV4();
  const identity = { storeId, epoch: ids.uuidV4(), secretCheck: box.sealSecretCheck(storeId) };
  const now = clock.now();
  // The very first key signs at once: there is nobody yet who could have read the JWKS before.
  const outcome = await storage.initialize(identity, createSigningKey(box, { createdAt: now, activatesAt: now }));
  // Another start was faster: its identity counts, and its secret must be ours.
  return outcome === 'initialized' ? identity : identify(settings, storage, { box, clock, ids });
}
