import type { Connection } from './driver.ts';
import type { UnrevokedSession } from './sessions.ts';

/** Ends sessions of an organization and tells how many of them lived at `at`. */
export type EndSessions = (orgId: string, sessions: readonly UnrevokedSession[], at: number) => number;

/**
 * The one write that ends sessions: logout, password change, disabling, deleting, closing, revoking and the bound on
 * live sessions all pass here. Sessions that have expired are marked too, and not counted: to a process whose clock
 * is behind they still live.
 */
export function sessionEndings(connection: Connection): EndSessions {
  const revoke = connection.prepare<[number, string, string]>(
    'UPDATE sessions SET revoked_at = ? WHERE org_id = ? AND session_id = ? AND revoked_at IS NULL',
  );
  return (orgId, sessions, at) => {
    let ended = 0;
    for (const session of sessions) {
      const { changes } = revoke.run(at, orgId, session.sessionId);
      if (session.expiresAt > at) {
        ended += changes;
      }
    }
    return ended;
  };
}
