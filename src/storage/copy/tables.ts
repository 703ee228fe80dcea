/** What a column holds, whichever engine holds it. */
export type ColumnKind = 'text' | 'bytes' | 'integer' | 'boolean';

/** A table that a copy takes along. */
export interface CopiedTable {
  readonly name: string;
  /** Its primary key: the order in which rows are read, compared byte by byte. */
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** Columns that each database fills by itself. */
  readonly given?: readonly string[];
}

/**
 * Every table that a copy takes along: those that others refer to come first, and the store's identity last, so that a copy which is
 * not finished is no store. Which column there is in which engine is held against this list by test/storage/copy/tables.test.ts.
 */
export const COPIED_TABLES: readonly CopiedTable[] = [
  {
    name: 'organizations',
    key: ['org_id'],
    columns: {
      org_id: 'text',
      name: 'text',
      name_key: 'text',
      created_at: 'integer',
      closed_at: 'integer',
      session_generation: 'integer',
      session_ttl_seconds: 'integer',
      mail_approved: 'boolean',
      settings: 'text',
    },
  },
  {
    name: 'api_keys',
    key: ['org_id', 'key_id'],
    columns: {
      org_id: 'text',
      key_id: 'text',
      label: 'text',
      api_key_hash: 'bytes',
      sealed_api_key: 'bytes',
      in_tokens: 'boolean',
      was_sealed: 'boolean',
      created_at: 'integer',
      revoked_at: 'integer',
      kind: 'text',
      impersonate: 'boolean',
    },
  },
  {
    name: 'users',
    key: ['org_id', 'user_id'],
    columns: {
      org_id: 'text',
      user_id: 'text',
      email: 'text',
      fullname: 'text',
      password_hash: 'text',
      credential_version: 'integer',
      created_at: 'integer',
      disabled_at: 'integer',
      email_verified_at: 'integer',
      roles: 'text',
      public_metadata: 'text',
      private_metadata: 'text',
      password_unproven_since: 'integer',
      address_version: 'integer',
      has_words: 'boolean',
      has_second_factor: 'boolean',
      must_change_password: 'boolean',
    },
  },
  {
    name: 'user_words',
    key: ['org_id', 'user_id', 'word'],
    columns: { org_id: 'text', user_id: 'text', word: 'text' },
  },
  {
    name: 'left_addresses',
    key: ['org_id', 'user_id', 'address_version'],
    columns: {
      org_id: 'text',
      user_id: 'text',
      address_version: 'integer',
      email: 'text',
      was_proven: 'boolean',
      left_at: 'integer',
    },
  },
  {
    name: 'sessions',
    key: ['org_id', 'session_id'],
    columns: {
      org_id: 'text',
      session_id: 'text',
      user_id: 'text',
      generation: 'integer',
      created_at: 'integer',
      expires_at: 'integer',
      revoked_at: 'integer',
      wrong_passwords: 'integer',
      last_used_at: 'integer',
      client_ip: 'text',
      user_agent: 'text',
      actor: 'text',
    },
  },
  {
    name: 'ended_generations',
    key: ['org_id', 'generation'],
    columns: { org_id: 'text', generation: 'integer', ended_at: 'integer' },
  },
  {
    name: 'login_tries',
    key: ['org_id', 'email', 'counted_as'],
    columns: {
      org_id: 'text',
      email: 'text',
      counted_as: 'text',
      failures: 'integer',
      pending: 'integer',
      pending_until: 'integer',
      locked_until: 'integer',
      is_user: 'boolean',
      last_at: 'integer',
      part: 'integer',
    },
  },
  {
    name: 'second_factors',
    key: ['org_id', 'user_id'],
    columns: {
      org_id: 'text',
      user_id: 'text',
      sealed_secret: 'bytes',
      last_step: 'integer',
      pending_secret: 'bytes',
      pending_until: 'integer',
      wrong_codes: 'integer',
      wrong_recovery_codes: 'integer',
      withholds_email: 'boolean',
      before_proof: 'boolean',
    },
  },
  {
    name: 'recovery_codes',
    key: ['org_id', 'user_id', 'code_digest'],
    columns: { org_id: 'text', user_id: 'text', code_digest: 'bytes' },
  },
  {
    name: 'login_challenges',
    key: ['org_id', 'challenge_id'],
    columns: {
      org_id: 'text',
      challenge_id: 'text',
      user_id: 'text',
      kind: 'text',
      proved_by: 'text',
      email_proven: 'boolean',
      caller_class: 'text',
      counted_as: 'text',
      tries: 'integer',
      code_digest: 'bytes',
      code_until: 'integer',
      credential_version: 'integer',
      created_at: 'integer',
      expires_at: 'integer',
    },
  },
  {
    name: 'login_code_tries',
    key: ['org_id', 'user_id', 'caller_class'],
    columns: { org_id: 'text', user_id: 'text', caller_class: 'text', wrong_codes: 'integer' },
  },
  {
    name: 'mail_requests',
    key: ['org_id', 'request_key'],
    columns: {
      org_id: 'text',
      request_key: 'text',
      caller_class: 'text',
      sealed_request: 'bytes',
      requested_at: 'integer',
    },
  },
  {
    name: 'mails',
    key: ['org_id', 'mail_id'],
    columns: {
      org_id: 'text',
      mail_id: 'text',
      user_id: 'text',
      kind: 'text',
      caller_class: 'text',
      sealed_mail: 'bytes',
      state: 'text',
      created_at: 'integer',
      due_at: 'integer',
      attempts: 'integer',
      fault: 'text',
      lease_id: 'text',
      leased_until: 'integer',
      keep_until: 'integer',
    },
  },
  {
    name: 'mail_budgets',
    key: ['org_id', 'budget_key'],
    columns: { org_id: 'text', budget_key: 'text', taken: 'text', told_at: 'integer', keep_until: 'integer' },
  },
  { name: 'spent_nonces', key: ['nonce_id'], columns: { nonce_id: 'text', keep_until: 'integer' } },
  {
    name: 'signing_keys',
    key: ['kid'],
    columns: {
      kid: 'text',
      public_jwk: 'text',
      sealed_private_key: 'bytes',
      created_at: 'integer',
      activates_at: 'integer',
      verifies_until: 'integer',
      retired_at: 'integer',
      made_number: 'integer',
    },
  },
  {
    name: 'audit_events',
    key: ['created_at', 'event_id'],
    given: ['position'],
    columns: {
      created_at: 'integer',
      event_id: 'text',
      org_id: 'text',
      type: 'text',
      actor: 'text',
      key_id: 'text',
      user_id: 'text',
      target_id: 'text',
      reason: 'text',
      request_id: 'text',
      address: 'text',
      claimed_client_ip: 'text',
      claimed_user_agent: 'text',
      count: 'integer',
      details: 'text',
    },
  },
  {
    name: 'store',
    key: ['singleton'],
    columns: { singleton: 'integer', store_id: 'text', epoch: 'text', secret_check: 'bytes' },
  },
];

/** What a store that was just made holds: a target may, and loses it. */
export const MADE_WITH_STORE: readonly string[] = ['signing_keys', 'audit_events', 'store'];

/** What stays behind, and why: it is about one database, and not about what the store holds. */
export const NOT_COPIED: Readonly<Record<string, string>> = {
  schema_migrations: 'the target has its own history',
  schema_lock: 'who migrates this very database now',
  recent_writes: 'what became of the last writes to this very database, for those who did not hear',
  moves: 'marks this very database',
};
