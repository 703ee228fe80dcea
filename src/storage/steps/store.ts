import { randomUUID } from 'node:crypto';
import { KEEP_LEFT_ADDRESSES_MS } from '../../domain/accounts/left-address.ts';
import { KEEP_UNKNOWN_TRIES_MS } from '../../domain/auth/tries.ts';
import { KEEP_MAIL_REQUESTS_MS } from '../../domain/mail/mail.ts';
import type { Organization } from '../../domain/organizations/storage.ts';
import type { PagePosition } from '../../domain/page.ts';
import { isRotationDue } from '../../domain/signing-keys/rotation.ts';
import { KEEP_ENDED_SIGNING_KEYS_MS, type SigningKeyRecord } from '../../domain/signing-keys/storage.ts';
import type { StoreIdentity } from '../../domain/storage.ts';
import type { Rows, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { endSessionsOfOrganization } from './session-endings.ts';
import { ask, type Steps } from './steps.ts';

/** Of several starts, the one that inserts the identity wins. */
export function* initialize(
  rows: WriteRows,
  identity: StoreIdentity,
  firstSigningKey: SigningKeyRecord,
): Steps<'initialized' | 'already_initialized'> {
  if (!(yield* ask(rows.identity.insert(identity)))) {
    return 'already_initialized';
  }
  yield* ask(rows.signingKeys.insert(firstSigningKey));
  yield* record(rows, { type: 'store.created', orgId: null, targetId: firstSigningKey.kid });
  return 'initialized';
}

/** Nobody works with a store that is being restored: one step, however many organizations. */
export function* beginEpoch(rows: WriteRows, epoch: string, signingKey: SigningKeyRecord, at: number): Steps<void> {
  yield* ask(rows.identity.setEpoch(epoch));
  yield* record(rows, { type: 'store.restored', orgId: null });
  for (let after: Organization | null = null; ; ) {
    const position: PagePosition | null = after && { createdAt: after.createdAt, id: after.orgId };
    const organizations: readonly Organization[] = yield* ask(rows.organizations.list({ after: position, limit: 200 }));
    for (const { orgId } of organizations) {
      yield* endSessionsOfOrganization(rows, orgId, at);
    }
    after = organizations.at(-1) ?? null;
    if (after === null) {
      break;
    }
  }
  yield* addSigningKey(rows, signingKey, at);
}

/** Only where acknowledged writes were lost. */
export function* renewEpoch(rows: WriteRows, epoch: string): Steps<void> {
  yield* ask(rows.identity.setEpoch(epoch));
  yield* record(rows, { type: 'store.writes_lost', orgId: null });
}

/**
 * Writes a row and removes it: a full disk fails the commit of that, where it would let an empty one pass. The row is no nonce, and its
 * own: of two that write the same one, PostgreSQL lets the second wait for the first, which may be frozen.
 */
export function* ping(rows: Rows): Steps<void> {
  const nonceId = `ping ${randomUUID()}`;
  yield* ask(rows.spentNonces.insert({ nonceId, keepUntil: 0, epoch: '' }));
  yield* ask(rows.spentNonces.remove(nonceId));
}

export function* sweep(
  rows: Rows,
  at: number,
  limit: number,
): Steps<{ readonly removed: number; readonly more: boolean }> {
  const now = yield* ask(rows.clock.notAfter(at));
  let removed = yield* ask(rows.sessions.removeExpired(now, limit));
  removed += yield* ask(rows.spentNonces.removeExpired(now, limit - removed));
  removed += yield* ask(rows.leftAddresses.removeExpired(now - KEEP_LEFT_ADDRESSES_MS, limit - removed));
  removed += yield* ask(rows.loginChallenges.removeExpired(now, limit - removed));
  removed += yield* ask(rows.loginTries.removeExpired(now - KEEP_UNKNOWN_TRIES_MS, limit - removed));
  removed += yield* ask(rows.mails.removeExpired(now, limit - removed));
  removed += yield* ask(rows.mailRequests.removeExpired(now - KEEP_MAIL_REQUESTS_MS, limit - removed));
  removed += yield* ask(rows.mailBudgets.removeExpired(now, limit - removed));
  removed += yield* ask(rows.users.indexNames(Math.max(0, limit - removed)));
  const ended = endedSigningKeys(yield* ask(rows.signingKeys.list()), now - KEEP_ENDED_SIGNING_KEYS_MS);
  for (const { kid } of ended.slice(0, limit - removed)) {
    yield* ask(rows.signingKeys.remove(kid));
    removed += 1;
  }
  return { removed, more: removed >= limit };
}

/** Those that were retired, or superseded by a live one, and signed nothing that expires since. */
function endedSigningKeys(keys: readonly SigningKeyRecord[], before: number): readonly SigningKeyRecord[] {
  return keys.filter((key, index) => {
    const isSuperseded = keys.slice(index + 1).some((later) => later.retiredAt === null && later.activatesAt < before);
    const endedAt = Math.max(key.verifiesUntil, key.activatesAt, key.retiredAt ?? 0);
    return endedAt < before && (key.retiredAt !== null || isSuperseded);
  });
}

/** Of several that find one due at once, the next reads what the first has added. */
export function* addSigningKeyWhenDue(rows: WriteRows, key: SigningKeyRecord, everyMs: number): Steps<boolean> {
  if (!isRotationDue(yield* ask(rows.signingKeys.list()), { now: key.createdAt, everyMs })) {
    return false;
  }
  yield* ask(rows.signingKeys.insert(key));
  yield* record(rows, { type: 'signing_key.added', orgId: null, targetId: key.kid });
  return true;
}

/** A key that clashes is added by nobody, and retires nothing. */
export function* addSigningKey(rows: WriteRows, key: SigningKeyRecord, retireOthersAt: number | null): Steps<void> {
  const others = yield* ask(rows.signingKeys.list());
  yield* ask(rows.signingKeys.insert(key));
  yield* record(rows, { type: 'signing_key.added', orgId: null, targetId: key.kid });
  if (retireOthersAt === null) {
    return;
  }
  for (const { kid, retiredAt } of others) {
    if (retiredAt === null) {
      yield* retireSigningKey(rows, kid, retireOthersAt);
    }
  }
}

export function* retireSigningKey(rows: WriteRows, kid: string, at: number): Steps<void> {
  yield* ask(rows.signingKeys.setRetiredAt(kid, at));
  yield* record(rows, { type: 'signing_key.retired', orgId: null, targetId: kid });
}
