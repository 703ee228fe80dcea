import type { ProfileUpdate, ProfileUpdateOutcome } from '../../domain/accounts/storage.ts';
import type { WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { judgeOwnSession, ownSessionOf } from './own-session.ts';
import { ask, askAll, type Steps } from './steps.ts';

/** Of several the last one's name stays. */
export function* updateProfile(rows: WriteRows, update: ProfileUpdate): Steps<ProfileUpdateOutcome> {
  const { tenant, userId, sessionId, fullname, at } = update;
  const { orgId } = tenant;
  const [organization, key, user, signingKey, session] = yield* askAll(...ownSessionOf(rows, update));
  const judged = judgeOwnSession({ organization, key, user, signingKey, session }, update, at);
  if (typeof judged === 'string') {
    return { outcome: judged };
  }
  if (judged.user.fullname !== fullname) {
    yield* ask(rows.users.setFullname({ orgId, userId }, fullname));
    yield* record(rows, { type: 'user.profile_changed', orgId, userId, targetId: sessionId });
  }
  return { outcome: 'updated' };
}
