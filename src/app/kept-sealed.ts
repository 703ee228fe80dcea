import { sealedApiKeyPlace } from '../crypto/api-key-source.ts';
import { type SealedBox, type SealedPlace, secretIdOf } from '../crypto/sealed-box.ts';
import { signingKeyPlace } from '../crypto/signing-key.ts';
import type { NewSession } from '../domain/auth/storage.ts';
import type { NewApiKey } from '../domain/organizations/storage.ts';
import type { FactorUser } from '../domain/second-factors/codes.ts';
import type { FactorOwner } from '../domain/second-factors/storage.ts';
import type { SigningKeyRecord } from '../domain/signing-keys/storage.ts';
import type { Storage } from '../domain/storage.ts';
import { resealFactor } from './reseal.ts';

type SealingWrite =
  | 'createOrganization'
  | 'createApiKey'
  | 'addSigningKey'
  | 'addSigningKeyWhenDue'
  | 'putPendingSecret'
  | 'confirmSecret';

export interface KeptSealedOptions {
  readonly storage: Storage;
  readonly box: SealedBox;
  /** Follows what the store says of secrets now. Rejected where this process cannot. */
  readonly follow: () => Promise<void>;
}

/**
 * The writes of sealed values, each sealed anew at once where the secret was replaced while it was under way: of a process that was
 * frozen meanwhile no rotation waits for the end. A rotation either meets the value, or is met by it. What cannot be sealed anew, or
 * by a process that dies here, is told by `doctor` and left to the next rotation.
 */
export function keptSealed({ storage, box, follow }: KeptSealedOptions): Pick<Storage, SealingWrite> {
  const keepSealed = async (sealed: Uint8Array | null, reseal: (from: Uint8Array) => Promise<unknown>) => {
    if (sealed === null) {
      return;
    }
    try {
      const identity = await storage.readStoreIdentity();
      if (identity !== null && secretIdOf(identity.secretCheck) !== secretIdOf(sealed)) {
        await follow();
        await reseal(sealed);
      }
    } catch {
      // The write itself was done.
    }
  };
  const anew = (place: SealedPlace, from: Uint8Array) => ({ from, to: box.reseal(place, from) ?? from });
  const keepApiKey = ({ orgId, keyId, sealedApiKey }: NewApiKey) =>
    keepSealed(sealedApiKey, (from) =>
      storage.resealApiKeys([{ orgId, keyId, ...anew(sealedApiKeyPlace({ orgId, keyId }), from) }]),
    );
  const keepSigningKey = ({ kid, sealedPrivateKey }: SigningKeyRecord) =>
    keepSealed(sealedPrivateKey, (from) => storage.resealSigningKeys([{ kid, ...anew(signingKeyPlace(kid), from) }]));
  // The row is read again: what was pending may be the factor by now.
  const keepFactor = (user: FactorUser | null, sealedSecret: Uint8Array) =>
    keepSealed(sealedSecret, async () => {
      const factor = user && (await storage.findSecondFactor(user.orgId, user.userId));
      return factor && resealFactor(storage, box, factor);
    });
  return {
    async putPendingSecret(this: Storage, owner, pending) {
      const outcome = await storage.putPendingSecret.call(this, owner, pending);
      const challenge = owner.by === 'challenge' ? owner.claim : null;
      const user = challenge
        ? await storage.findLoginChallenge(challenge.orgId, challenge.challengeId).catch(() => null)
        : userOfSession(owner);
      await keepFactor(user, pending.sealedSecret);
      return outcome;
    },
    async confirmSecret(this: Storage, owner, confirmation) {
      const outcome = await storage.confirmSecret.call(this, owner, confirmation);
      const orgId = owner.by === 'session' ? owner.session.tenant.orgId : owner.claim.orgId;
      await keepFactor({ orgId, userId: confirmation.userId }, confirmation.sealedSecret);
      return outcome;
    },
    async createOrganization(this: Storage, organization, tokenKey) {
      const outcome = await storage.createOrganization.call(this, organization, tokenKey);
      await keepApiKey(tokenKey);
      return outcome;
    },
    async createApiKey(this: Storage, key) {
      const outcome = await storage.createApiKey.call(this, key);
      await keepApiKey(key);
      return outcome;
    },
    async addSigningKey(this: Storage, key, retireOthersAt) {
      await storage.addSigningKey.call(this, key, retireOthersAt);
      await keepSigningKey(key);
    },
    async addSigningKeyWhenDue(this: Storage, key, everyMs) {
      const isAdded = await storage.addSigningKeyWhenDue.call(this, key, everyMs);
      await keepSigningKey(key);
      return isAdded;
    },
  };
}

function userOfSession(owner: FactorOwner): FactorUser | null {
  return owner.by === 'session' ? userOf(owner.session) : null;
}

function userOf(session: Pick<NewSession, 'tenant' | 'userId'> | null): FactorUser | null {
  return session && { orgId: session.tenant.orgId, userId: session.userId };
}
