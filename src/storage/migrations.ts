import type { Migration } from './migrator.ts';

/** A migration as it reads for each engine. Once released neither body is edited: a change is a further migration. */
export interface EngineMigration extends Omit<Migration, 'sql'> {
  readonly sqlite: string;
  /** `{schema}` stands for the quoted name of the schema. Empty where PostgreSQL has had it from the first. */
  readonly postgres: string;
}

/** The migrations as one engine applies them. */
export function migrationsOf(engine: 'sqlite' | 'postgres'): readonly Migration[] {
  return MIGRATIONS.map(({ version, name, oldestRelease, [engine]: sql }) => ({ version, name, oldestRelease, sql }));
}

/**
 * The schema, step by step. What belongs to an organization is keyed by it first, so that an engine that distributes
 * by organization can hold the same tables. Nothing cascades: every end of a session is one visible write.
 *
 * Releases before this one refuse every migration that they do not know, whatever it names as the oldest release.
 *
 * SQLite: WITHOUT ROWID keeps a row in its primary key's tree: one descent for each look-up instead of two.
 * PostgreSQL: COLLATE "C" compares text byte by byte, as SQLite does and pages are cut; instants are whole milliseconds.
 */
export const MIGRATIONS: readonly EngineMigration[] = [
  {
    version: 1,
    name: 'first schema',
    oldestRelease: '0.1.0',
    sqlite: `
CREATE TABLE store (
  singleton    INTEGER NOT NULL PRIMARY KEY CHECK (singleton = 1),
  store_id     TEXT NOT NULL,
  epoch        TEXT NOT NULL,
  secret_check BLOB NOT NULL
) STRICT;

CREATE TABLE organizations (
  org_id     TEXT NOT NULL PRIMARY KEY,
  name       TEXT NOT NULL,
  name_key   TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  closed_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX organizations_by_age ON organizations (created_at, org_id);

CREATE TABLE api_keys (
  org_id         TEXT NOT NULL REFERENCES organizations (org_id),
  key_id         TEXT NOT NULL,
  label          TEXT NOT NULL,
  api_key_hash   BLOB NOT NULL UNIQUE CHECK (length(api_key_hash) = 32),
  sealed_api_key BLOB,
  in_tokens      INTEGER NOT NULL CHECK (in_tokens IN (0, 1)),
  created_at     INTEGER NOT NULL,
  revoked_at     INTEGER,
  PRIMARY KEY (org_id, key_id),
  -- No key but a live token key is kept in a form from which it can be read again.
  CHECK (in_tokens = 1 OR sealed_api_key IS NULL),
  CHECK (in_tokens = 0 OR revoked_at IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_by_age ON api_keys (org_id, created_at, key_id);
CREATE UNIQUE INDEX api_keys_in_tokens ON api_keys (org_id) WHERE in_tokens = 1;

CREATE TABLE users (
  org_id             TEXT NOT NULL REFERENCES organizations (org_id),
  user_id            TEXT NOT NULL,
  email              TEXT NOT NULL,
  fullname           TEXT NOT NULL,
  password_hash      TEXT,
  credential_version INTEGER NOT NULL,
  created_at         INTEGER NOT NULL,
  disabled_at        INTEGER,
  email_verified_at  INTEGER,
  PRIMARY KEY (org_id, user_id),
  UNIQUE (org_id, email)
) STRICT, WITHOUT ROWID;
CREATE INDEX users_by_age ON users (org_id, created_at, user_id);

-- No foreign key on users: the ended sessions of a deleted user stay until they are swept.
CREATE TABLE sessions (
  org_id     TEXT NOT NULL REFERENCES organizations (org_id),
  session_id TEXT NOT NULL,
  user_id    TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER,
  PRIMARY KEY (org_id, session_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_age ON sessions (org_id, created_at, session_id);
CREATE INDEX sessions_of_user ON sessions (org_id, user_id, created_at, session_id);
CREATE INDEX sessions_not_revoked ON sessions (org_id, user_id, created_at, session_id, expires_at)
  WHERE revoked_at IS NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Not keyed by organization: a nonce bound to an e-mail alone is spent in all of them.
CREATE TABLE spent_nonces (
  nonce_id   TEXT NOT NULL PRIMARY KEY,
  keep_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_nonces_by_end ON spent_nonces (keep_until);

CREATE TABLE signing_keys (
  kid                TEXT NOT NULL PRIMARY KEY,
  public_jwk         TEXT NOT NULL,
  sealed_private_key BLOB NOT NULL,
  created_at         INTEGER NOT NULL,
  activates_at       INTEGER NOT NULL,
  verifies_until     INTEGER NOT NULL,
  retired_at         INTEGER
) STRICT, WITHOUT ROWID;
`,
    postgres: `
CREATE TABLE {schema}.store (
  singleton    smallint NOT NULL PRIMARY KEY CHECK (singleton = 1),
  store_id     text NOT NULL,
  epoch        text NOT NULL,
  secret_check bytea NOT NULL
);

CREATE TABLE {schema}.organizations (
  org_id             text COLLATE "C" NOT NULL PRIMARY KEY,
  name               text NOT NULL,
  name_key           text COLLATE "C" NOT NULL UNIQUE,
  created_at         bigint NOT NULL,
  closed_at          bigint,
  session_generation bigint NOT NULL DEFAULT 0
);
CREATE INDEX organizations_by_age ON {schema}.organizations (created_at, org_id);

CREATE TABLE {schema}.api_keys (
  org_id         text COLLATE "C" NOT NULL REFERENCES {schema}.organizations (org_id),
  key_id         text COLLATE "C" NOT NULL,
  label          text NOT NULL,
  api_key_hash   bytea NOT NULL UNIQUE CHECK (octet_length(api_key_hash) = 32),
  sealed_api_key bytea,
  in_tokens      boolean NOT NULL,
  was_sealed     boolean NOT NULL,
  created_at     bigint NOT NULL,
  revoked_at     bigint,
  PRIMARY KEY (org_id, key_id),
  -- No key but a live token key is kept in a form from which it can be read again.
  CHECK (in_tokens OR sealed_api_key IS NULL),
  CHECK (NOT in_tokens OR revoked_at IS NULL)
);
CREATE INDEX api_keys_by_age ON {schema}.api_keys (org_id, created_at, key_id);
CREATE UNIQUE INDEX api_keys_in_tokens ON {schema}.api_keys (org_id) WHERE in_tokens;

CREATE TABLE {schema}.users (
  org_id             text COLLATE "C" NOT NULL REFERENCES {schema}.organizations (org_id),
  user_id            text COLLATE "C" NOT NULL,
  email              text COLLATE "C" NOT NULL,
  fullname           text NOT NULL,
  password_hash      text,
  credential_version bigint NOT NULL,
  created_at         bigint NOT NULL,
  disabled_at        bigint,
  email_verified_at  bigint,
  PRIMARY KEY (org_id, user_id),
  UNIQUE (org_id, email)
);
CREATE INDEX users_by_age ON {schema}.users (org_id, created_at, user_id);

-- No foreign key on users: the ended sessions of a deleted user stay until they are swept.
CREATE TABLE {schema}.sessions (
  org_id     text COLLATE "C" NOT NULL REFERENCES {schema}.organizations (org_id),
  session_id text COLLATE "C" NOT NULL,
  user_id    text COLLATE "C" NOT NULL,
  generation bigint NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  revoked_at bigint,
  PRIMARY KEY (org_id, session_id)
);
CREATE INDEX sessions_by_age ON {schema}.sessions (org_id, created_at, session_id);
CREATE INDEX sessions_of_user ON {schema}.sessions (org_id, user_id, created_at, session_id);
CREATE INDEX sessions_not_revoked ON {schema}.sessions
  (org_id, generation, user_id, created_at, session_id, expires_at) WHERE revoked_at IS NULL;
CREATE INDEX sessions_by_expiry ON {schema}.sessions (expires_at);

CREATE TABLE {schema}.ended_generations (
  org_id     text COLLATE "C" NOT NULL REFERENCES {schema}.organizations (org_id),
  generation bigint NOT NULL,
  ended_at   bigint NOT NULL,
  PRIMARY KEY (org_id, generation)
);

-- Not keyed by organization: a nonce bound to an e-mail alone is spent in all of them.
CREATE TABLE {schema}.spent_nonces (
  nonce_id   text COLLATE "C" NOT NULL PRIMARY KEY,
  keep_until bigint NOT NULL
);
CREATE INDEX spent_nonces_by_end ON {schema}.spent_nonces (keep_until);

CREATE TABLE {schema}.signing_keys (
  kid                text COLLATE "C" NOT NULL PRIMARY KEY,
  public_jwk         text NOT NULL,
  sealed_private_key bytea NOT NULL,
  created_at         bigint NOT NULL,
  activates_at       bigint NOT NULL,
  verifies_until     bigint NOT NULL,
  retired_at         bigint,
  made_number        bigint NOT NULL UNIQUE
);
`,
  },
  {
    version: 2,
    name: 'keys that were sealed for tokens',
    oldestRelease: '0.1.0',
    // A key that is no longer in tokens does not tell whether it ever was: it counts as one. The one that is tells.
    sqlite: `
ALTER TABLE api_keys ADD COLUMN was_sealed INTEGER NOT NULL DEFAULT 1 CHECK (was_sealed IN (0, 1));
UPDATE api_keys SET was_sealed = 0 WHERE in_tokens = 1 AND sealed_api_key IS NULL;
`,
    postgres: '',
  },
  {
    version: 3,
    name: 'the order of signing keys',
    oldestRelease: '0.1.0',
    // Until now each key was dated after all that were there, however wrong the clock was: the dates tell the order.
    sqlite: `
ALTER TABLE signing_keys ADD COLUMN made_number INTEGER NOT NULL DEFAULT 0;
UPDATE signing_keys SET made_number = (
  SELECT count(*) FROM signing_keys AS earlier
  WHERE (earlier.activates_at, earlier.created_at, earlier.kid)
     <= (signing_keys.activates_at, signing_keys.created_at, signing_keys.kid));
CREATE UNIQUE INDEX signing_keys_in_order ON signing_keys (made_number);
`,
    postgres: '',
  },
  {
    version: 4,
    name: 'generations of sessions',
    oldestRelease: '0.1.0',
    // All sessions of an organization end by their number, and none of their rows is written. revoked_at is in the index so
    // that SQLite need not look for it in the row.
    sqlite: `
ALTER TABLE organizations ADD COLUMN session_generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
CREATE TABLE ended_generations (
  org_id     TEXT NOT NULL REFERENCES organizations (org_id),
  generation INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL,
  PRIMARY KEY (org_id, generation)
) STRICT, WITHOUT ROWID;
DROP INDEX sessions_not_revoked;
CREATE INDEX sessions_not_revoked ON sessions
  (org_id, generation, user_id, created_at, session_id, expires_at, revoked_at) WHERE revoked_at IS NULL;
`,
    postgres: '',
  },
  {
    version: 5,
    name: 'outcomes of recent writes',
    oldestRelease: '0.1.0',
    // Who did not hear whether a write was committed asks here. A file has no connection that could be lost.
    sqlite: '',
    postgres: `
CREATE TABLE {schema}.recent_writes (
  write_id     text COLLATE "C" NOT NULL PRIMARY KEY,
  outcome      text NOT NULL,
  committed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX recent_writes_by_age ON {schema}.recent_writes (committed_at);
`,
  },
  {
    version: 6,
    name: 'moves',
    oldestRelease: '0.1.0',
    // At most one row: that the store is being moved, was moved, or is the half of a copy. There is none in a store that may be opened.
    sqlite: `
CREATE TABLE moves (
  singleton   INTEGER NOT NULL PRIMARY KEY CHECK (singleton = 1),
  state       TEXT NOT NULL CHECK (state IN ('moving', 'moved', 'half_copied')),
  copy_id     TEXT NOT NULL,
  other_place TEXT NOT NULL,
  marked_at   INTEGER NOT NULL
) STRICT;
`,
    postgres: `
CREATE TABLE {schema}.moves (
  singleton   smallint NOT NULL PRIMARY KEY CHECK (singleton = 1),
  state       text NOT NULL CHECK (state IN ('moving', 'moved', 'half_copied')),
  copy_id     text NOT NULL,
  other_place text NOT NULL,
  marked_at   bigint NOT NULL
);
`,
  },
  {
    version: 7,
    name: 'failed tries at passwords',
    oldestRelease: '0.1.0',
    // By e-mail and not by user: unknown ones are counted alike. A release that knows no counters would count no failures.
    sqlite: `
CREATE TABLE login_tries (
  org_id        TEXT NOT NULL REFERENCES organizations (org_id),
  email         TEXT NOT NULL,
  counted_as    TEXT NOT NULL,
  failures      INTEGER NOT NULL,
  pending       INTEGER NOT NULL,
  pending_until INTEGER NOT NULL,
  locked_until  INTEGER NOT NULL,
  is_user       INTEGER NOT NULL CHECK (is_user IN (0, 1)),
  last_at       INTEGER NOT NULL,
  part          INTEGER NOT NULL,
  PRIMARY KEY (org_id, email, counted_as)
) STRICT, WITHOUT ROWID;
CREATE INDEX login_tries_of_nobody ON login_tries (org_id, counted_as, part, last_at, email) WHERE is_user = 0;
CREATE INDEX login_tries_of_nobody_by_age ON login_tries (last_at) WHERE is_user = 0 AND part = 0;
ALTER TABLE sessions ADD COLUMN wrong_passwords INTEGER NOT NULL DEFAULT 0;
`,
    postgres: `
CREATE TABLE {schema}.login_tries (
  org_id        text COLLATE "C" NOT NULL REFERENCES {schema}.organizations (org_id),
  email         text COLLATE "C" NOT NULL,
  counted_as    text COLLATE "C" NOT NULL,
  failures      bigint NOT NULL,
  pending       bigint NOT NULL,
  pending_until bigint NOT NULL,
  locked_until  bigint NOT NULL,
  is_user       boolean NOT NULL,
  last_at       bigint NOT NULL,
  part          bigint NOT NULL,
  PRIMARY KEY (org_id, email, counted_as)
);
CREATE INDEX login_tries_of_nobody ON {schema}.login_tries (org_id, counted_as, part, last_at, email) WHERE NOT is_user;
CREATE INDEX login_tries_of_nobody_by_age ON {schema}.login_tries (last_at) WHERE NOT is_user AND part = 0;
ALTER TABLE {schema}.sessions ADD COLUMN wrong_passwords bigint NOT NULL DEFAULT 0;
`,
  },
  {
    version: 8,
    name: 'the audit log',
    oldestRelease: '0.1.0',
    // `position` is for who follows the log: each database gives it by itself, a file in the order of commits, PostgreSQL as rows are
    // inserted. No foreign key: rows outlive what they tell of.
    sqlite: `
CREATE TABLE audit_events (
  position           INTEGER NOT NULL PRIMARY KEY,
  created_at         INTEGER NOT NULL,
  event_id           TEXT NOT NULL,
  org_id             TEXT,
  type               TEXT NOT NULL,
  actor              TEXT NOT NULL,
  key_id             TEXT,
  user_id            TEXT,
  target_id          TEXT,
  reason             TEXT,
  request_id         TEXT,
  address            TEXT NOT NULL,
  claimed_client_ip  TEXT NOT NULL,
  claimed_user_agent TEXT NOT NULL,
  count              INTEGER NOT NULL CHECK (count > 0),
  details            TEXT NOT NULL,
  UNIQUE (created_at, event_id)
) STRICT;
CREATE INDEX audit_events_of_organization ON audit_events (org_id, created_at, event_id);
`,
    postgres: `
CREATE TABLE {schema}.audit_events (
  created_at         bigint NOT NULL,
  event_id           text COLLATE "C" NOT NULL,
  position           bigint GENERATED BY DEFAULT AS IDENTITY,
  org_id             text COLLATE "C",
  type               text COLLATE "C" NOT NULL,
  actor              text NOT NULL,
  key_id             text,
  user_id            text COLLATE "C",
  target_id          text,
  reason             text,
  request_id         text,
  address            text NOT NULL,
  claimed_client_ip  text NOT NULL,
  claimed_user_agent text NOT NULL,
  count              bigint NOT NULL CHECK (count > 0),
  details            text NOT NULL,
  PRIMARY KEY (created_at, event_id)
);
CREATE INDEX audit_events_of_organization ON {schema}.audit_events (org_id, created_at, event_id);
CREATE INDEX audit_events_in_order ON {schema}.audit_events (position);
`,
  },
  {
    version: 9,
    name: 'accounts',
    oldestRelease: '0.1.0',
    // `roles`: joined by spaces. Metadata: the text of a JSON object, or none. `settings`: the text of a JSON object with what is not
    // at its default. `password_unproven_since`: when a session set the password without proving the one before.
    sqlite: `
ALTER TABLE organizations ADD COLUMN session_ttl_seconds INTEGER;
ALTER TABLE organizations ADD COLUMN mail_approved INTEGER NOT NULL DEFAULT 1 CHECK (mail_approved IN (0, 1));
ALTER TABLE organizations ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE api_keys ADD COLUMN kind TEXT NOT NULL DEFAULT 'api' CHECK (kind IN ('api', 'management', 'management_read'));
ALTER TABLE api_keys ADD COLUMN impersonate INTEGER NOT NULL DEFAULT 0 CHECK (impersonate IN (0, 1));
ALTER TABLE users ADD COLUMN roles TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN public_metadata TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN private_metadata TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN password_unproven_since INTEGER;
ALTER TABLE sessions ADD COLUMN last_used_at INTEGER;
ALTER TABLE sessions ADD COLUMN client_ip TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN actor TEXT;
`,
    postgres: `
ALTER TABLE {schema}.organizations
  ADD COLUMN session_ttl_seconds bigint,
  ADD COLUMN mail_approved boolean NOT NULL DEFAULT true,
  ADD COLUMN settings text NOT NULL DEFAULT '{}';
ALTER TABLE {schema}.api_keys
  ADD COLUMN kind text NOT NULL DEFAULT 'api' CHECK (kind IN ('api', 'management', 'management_read')),
  ADD COLUMN impersonate boolean NOT NULL DEFAULT false;
ALTER TABLE {schema}.users
  ADD COLUMN roles text NOT NULL DEFAULT '',
  ADD COLUMN public_metadata text NOT NULL DEFAULT '',
  ADD COLUMN private_metadata text NOT NULL DEFAULT '',
  ADD COLUMN password_unproven_since bigint;
ALTER TABLE {schema}.sessions
  ADD COLUMN last_used_at bigint,
  ADD COLUMN client_ip text NOT NULL DEFAULT '',
  ADD COLUMN user_agent text NOT NULL DEFAULT '',
  ADD COLUMN actor text;
`,
  },
  {
    version: 10,
    name: 'mails',
    oldestRelease: '0.1.0',
    // What holds addresses is sealed. A mail's lease ends by itself. `taken`: instants, joined by commas.
    sqlite: `
CREATE TABLE mail_requests (
  org_id         TEXT NOT NULL REFERENCES organizations (org_id),
  request_key    TEXT NOT NULL,
  caller_class   TEXT NOT NULL,
  sealed_request BLOB NOT NULL,
  requested_at   INTEGER NOT NULL,
  PRIMARY KEY (org_id, request_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_requests_of_class ON mail_requests (org_id, caller_class);
CREATE INDEX mail_requests_by_age ON mail_requests (requested_at);
CREATE TABLE mails (
  org_id       TEXT NOT NULL REFERENCES organizations (org_id),
  mail_id      TEXT NOT NULL,
  user_id      TEXT NOT NULL,
  kind         TEXT NOT NULL,
  caller_class TEXT NOT NULL,
  sealed_mail  BLOB NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('waiting', 'kept', 'failed')),
  created_at   INTEGER NOT NULL,
  due_at       INTEGER NOT NULL,
  attempts     INTEGER NOT NULL,
  fault        TEXT NOT NULL,
  lease_id     TEXT NOT NULL,
  leased_until INTEGER NOT NULL,
  keep_until   INTEGER NOT NULL,
  PRIMARY KEY (org_id, mail_id)
) STRICT;
CREATE INDEX mails_by_id ON mails (mail_id);
CREATE INDEX mails_of_user ON mails (org_id, user_id);
CREATE INDEX mails_due ON mails (due_at) WHERE state = 'waiting';
CREATE INDEX mails_expiry ON mails (keep_until);
CREATE TABLE mail_budgets (
  org_id     TEXT NOT NULL REFERENCES organizations (org_id),
  budget_key TEXT NOT NULL,
  taken      TEXT NOT NULL,
  told_at    INTEGER,
  keep_until INTEGER NOT NULL,
  PRIMARY KEY (org_id, budget_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_budgets_expiry ON mail_budgets (keep_until);
`,
    postgres: `
CREATE TABLE {schema}.mail_requests (
  org_id         text COLLATE "C" NOT NULL REFERENCES {schema}.organizations (org_id),
  request_key    text COLLATE "C" NOT NULL,
  caller_class   text COLLATE "C" NOT NULL,
  sealed_request bytea NOT NULL,
  requested_at   bigint NOT NULL,
  PRIMARY KEY (org_id, request_key)
);
CREATE INDEX mail_requests_of_class ON {schema}.mail_requests (org_id, caller_class);
CREATE INDEX mail_requests_by_age ON {schema}.mail_requests (requested_at);
CREATE TABLE {schema}.mails (
  org_id       text COLLATE "C" NOT NULL REFERENCES {schema}.organizations (org_id),
  mail_id      text COLLATE "C" NOT NULL,
  user_id      text COLLATE "C" NOT NULL,
  kind         text NOT NULL,
  caller_class text NOT NULL,
  sealed_mail  bytea NOT NULL,
  state        text NOT NULL CHECK (state IN ('waiting', 'kept', 'failed')),
  created_at   bigint NOT NULL,
  due_at       bigint NOT NULL,
  attempts     bigint NOT NULL,
  fault        text NOT NULL,
  lease_id     text NOT NULL,
  leased_until bigint NOT NULL,
  keep_until   bigint NOT NULL,
  PRIMARY KEY (org_id, mail_id)
);
CREATE INDEX mails_by_id ON {schema}.mails (mail_id);
CREATE INDEX mails_of_user ON {schema}.mails (org_id, user_id);
CREATE INDEX mails_due ON {schema}.mails (due_at) WHERE state = 'waiting';
CREATE INDEX mails_expiry ON {schema}.mails (keep_until);
CREATE TABLE {schema}.mail_budgets (
  org_id     text COLLATE "C" NOT NULL REFERENCES {schema}.organizations (org_id),
  budget_key text COLLATE "C" NOT NULL,
  taken      text NOT NULL,
  told_at    bigint,
  keep_until bigint NOT NULL,
  PRIMARY KEY (org_id, budget_key)
);
CREATE INDEX mail_budgets_expiry ON {schema}.mail_budgets (keep_until);
`,
  },
  {
    version: 11,
    name: 'search of users',
    oldestRelease: '0.1.0',
    // `word`: a name from one of its words on (src/domain/users/name-words.ts). The sweeper makes those of users who were there before.
    sqlite: `
CREATE TABLE user_words (
  org_id  TEXT NOT NULL,
  user_id TEXT NOT NULL,
  word    TEXT NOT NULL,
  PRIMARY KEY (org_id, user_id, word)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_words_in_order ON user_words (org_id, word, user_id);
ALTER TABLE users ADD COLUMN has_words INTEGER NOT NULL DEFAULT 0 CHECK (has_words IN (0, 1));
CREATE INDEX users_without_words ON users (org_id, user_id) WHERE has_words = 0;
`,
    postgres: `
CREATE TABLE {schema}.user_words (
  org_id  text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  word    text COLLATE "C" NOT NULL,
  PRIMARY KEY (org_id, user_id, word)
);
CREATE INDEX user_words_in_order ON {schema}.user_words (org_id, word, user_id);
ALTER TABLE {schema}.users ADD COLUMN has_words boolean NOT NULL DEFAULT false;
CREATE INDEX users_without_words ON {schema}.users (org_id, user_id) WHERE NOT has_words;
`,
  },
  {
    version: 12,
    name: 'warnings about changes of addresses',
    oldestRelease: '0.1.0',
    sqlite: 'ALTER TABLE users ADD COLUMN address_version INTEGER NOT NULL DEFAULT 0;',
    postgres: 'ALTER TABLE {schema}.users ADD COLUMN address_version bigint NOT NULL DEFAULT 0;',
  },
  {
    version: 13,
    name: 'turns of mails',
    oldestRelease: '0.1.0',
    sqlite: `CREATE INDEX mails_in_turn ON mails (org_id || ' ' || caller_class, due_at) WHERE state = 'waiting';`,
    postgres: `CREATE INDEX mails_in_turn ON {schema}.mails ((org_id || ' ' || caller_class), due_at) WHERE state = 'waiting';`,
  },
  {
    version: 14,
    name: 'addresses that users left',
    oldestRelease: '0.1.0',
    // What a user can go back to, and nobody else can take meanwhile.
    sqlite: `
CREATE TABLE left_addresses (
  org_id          TEXT NOT NULL REFERENCES organizations (org_id),
  user_id         TEXT NOT NULL,
  address_version INTEGER NOT NULL,
  email           TEXT NOT NULL,
  was_proven      INTEGER NOT NULL CHECK (was_proven IN (0, 1)),
  left_at         INTEGER NOT NULL,
  PRIMARY KEY (org_id, user_id, address_version)
) STRICT, WITHOUT ROWID;
CREATE INDEX left_addresses_by_email ON left_addresses (org_id, email);
CREATE INDEX left_addresses_by_age ON left_addresses (left_at);
`,
    postgres: `
CREATE TABLE {schema}.left_addresses (
  org_id          text COLLATE "C" NOT NULL REFERENCES {schema}.organizations (org_id),
  user_id         text COLLATE "C" NOT NULL,
  address_version bigint NOT NULL,
  email           text COLLATE "C" NOT NULL,
  was_proven      boolean NOT NULL,
  left_at         bigint NOT NULL,
  PRIMARY KEY (org_id, user_id, address_version)
);
CREATE INDEX left_addresses_by_email ON {schema}.left_addresses (org_id, email);
CREATE INDEX left_addresses_by_age ON {schema}.left_addresses (left_at);
`,
  },
  {
    version: 15,
    name: 'second factors',
    oldestRelease: '0.1.0',
    /*
     * A row of `second_factors` may hold a secret that nobody has confirmed yet, or a count alone: `sealed_secret` is there where the user
     * has a factor, and `users.has_second_factor` says so where every login looks. A challenge of nobody (`user_id` is '') counts tries at a
     * code that was mailed to an address without a user.
     */
    sqlite: `
ALTER TABLE users ADD COLUMN has_second_factor INTEGER NOT NULL DEFAULT 0 CHECK (has_second_factor IN (0, 1));
ALTER TABLE users ADD COLUMN must_change_password INTEGER NOT NULL DEFAULT 0 CHECK (must_change_password IN (0, 1));
CREATE TABLE second_factors (
  org_id               TEXT NOT NULL REFERENCES organizations (org_id),
  user_id              TEXT NOT NULL,
  sealed_secret        BLOB,
  last_step            INTEGER NOT NULL,
  pending_secret       BLOB,
  pending_until        INTEGER NOT NULL,
  wrong_codes          INTEGER NOT NULL,
  wrong_recovery_codes INTEGER NOT NULL,
  withholds_email      INTEGER NOT NULL CHECK (withholds_email IN (0, 1)),
  before_proof         INTEGER NOT NULL CHECK (before_proof IN (0, 1)),
  PRIMARY KEY (org_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE recovery_codes (
  org_id      TEXT NOT NULL REFERENCES organizations (org_id),
  user_id     TEXT NOT NULL,
  code_digest BLOB NOT NULL,
  PRIMARY KEY (org_id, user_id, code_digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE login_challenges (
  org_id             TEXT NOT NULL REFERENCES organizations (org_id),
  challenge_id       TEXT NOT NULL,
  user_id            TEXT NOT NULL,
  kind               TEXT NOT NULL CHECK (kind IN ('second_factor', 'change_password', 'login_code')),
  proved_by          TEXT NOT NULL CHECK (proved_by IN ('', 'password', 'email')),
  email_proven       INTEGER NOT NULL CHECK (email_proven IN (0, 1)),
  caller_class       TEXT NOT NULL,
  counted_as         TEXT NOT NULL,
  tries              INTEGER NOT NULL,
  code_digest        BLOB,
  code_until         INTEGER NOT NULL,
  credential_version INTEGER NOT NULL,
  created_at         INTEGER NOT NULL,
  expires_at         INTEGER NOT NULL,
  PRIMARY KEY (org_id, challenge_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX login_challenges_of_user ON login_challenges (org_id, user_id);
CREATE INDEX login_challenges_expiry ON login_challenges (expires_at);
CREATE TABLE login_code_tries (
  org_id       TEXT NOT NULL REFERENCES organizations (org_id),
  user_id      TEXT NOT NULL,
  caller_class TEXT NOT NULL,
  wrong_codes  INTEGER NOT NULL,
  PRIMARY KEY (org_id, user_id, caller_class)
) STRICT, WITHOUT ROWID;
`,
    postgres: `
ALTER TABLE {schema}.users ADD COLUMN has_second_factor boolean NOT NULL DEFAULT false;
ALTER TABLE {schema}.users ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;
CREATE TABLE {schema}.second_factors (
  org_id               text COLLATE "C" NOT NULL REFERENCES {schema}.organizations (org_id),
  user_id              text COLLATE "C" NOT NULL,
  sealed_secret        bytea,
  last_step            bigint NOT NULL,
  pending_secret       bytea,
  pending_until        bigint NOT NULL,
  wrong_codes          bigint NOT NULL,
  wrong_recovery_codes bigint NOT NULL,
  withholds_email      boolean NOT NULL,
  before_proof         boolean NOT NULL,
  PRIMARY KEY (org_id, user_id)
);
CREATE TABLE {schema}.recovery_codes (
  org_id      text COLLATE "C" NOT NULL REFERENCES {schema}.organizations (org_id),
  user_id     text COLLATE "C" NOT NULL,
  code_digest bytea NOT NULL,
  PRIMARY KEY (org_id, user_id, code_digest)
);
CREATE TABLE {schema}.login_challenges (
  org_id             text COLLATE "C" NOT NULL REFERENCES {schema}.organizations (org_id),
  challenge_id       text COLLATE "C" NOT NULL,
  user_id            text COLLATE "C" NOT NULL,
  kind               text NOT NULL CHECK (kind IN ('second_factor', 'change_password', 'login_code')),
  proved_by          text NOT NULL CHECK (proved_by IN ('', 'password', 'email')),
  email_proven       boolean NOT NULL,
  caller_class       text NOT NULL,
  counted_as         text NOT NULL,
  tries              bigint NOT NULL,
  code_digest        bytea,
  code_until         bigint NOT NULL,
  credential_version bigint NOT NULL,
  created_at         bigint NOT NULL,
  expires_at         bigint NOT NULL,
  PRIMARY KEY (org_id, challenge_id)
);
CREATE INDEX login_challenges_of_user ON {schema}.login_challenges (org_id, user_id);
CREATE INDEX login_challenges_expiry ON {schema}.login_challenges (expires_at);
CREATE TABLE {schema}.login_code_tries (
  org_id       text COLLATE "C" NOT NULL REFERENCES {schema}.organizations (org_id),
  user_id      text COLLATE "C" NOT NULL,
  caller_class text COLLATE "C" NOT NULL,
  wrong_codes  bigint NOT NULL,
  PRIMARY KEY (org_id, user_id, caller_class)
);
`,
  },
];
