/** A JSON object that is not known yet. */
type Json = Readonly<Record<string, unknown>>;

/** How users lie in a dump, and what a line of ours would say of one. */
export interface DumpFormat {
  /** Where the users are: `lines` of JSON, a list that is the `whole` document, or the list `users` of one. */
  readonly layout: 'lines' | 'whole' | 'users';
  /** The member that holds a user's password; null where no other dump has users in this layout. */
  readonly password: string | null;
  /** What {@link readUserLine} reads. `now`: milliseconds since 1970. */
  readonly toLine: (user: Json, now: number) => object;
}

/** Roles that Keycloak itself gives to everybody. */
const OF_KEYCLOAK = /^(?:default-roles-.*|offline_access|uma_authorization)$/;

/** The dumps that are read as they are, by the name of their format; `authflow` is our own. */
export const DUMP_FORMATS = {
  authflow: { layout: 'lines', password: 'password_hash', toLine: (user) => user },

  // `firebase auth:export users.json`.
  firebase: {
    layout: 'users',
    password: 'passwordHash',
    toLine: (user) => ({
      email: user.email,
      fullname: user.displayName,
      password_hash: user.passwordHash && { passwordHash: user.passwordHash, salt: user.salt },
      email_verified: user.emailVerified,
      public_metadata: parsed(user.customAttributes),
      private_metadata: { firebase_id: user.localId },
      created_at: instantOf(user.createdAt),
      disabled: user.disabled,
    }),
  },

  // `kc.sh export --users realm_file`, or a file of `--users different_files`.
  keycloak: {
    layout: 'users',
    password: 'credentials',
    toLine: (user) => ({
      email: user.email,
      fullname: joined(user.firstName, user.lastName),
      password_hash: keycloakPassword(user.credentials),
      email_verified: user.emailVerified,
      roles: listOf(user.realmRoles).filter((role) => !OF_KEYCLOAK.test(String(role))),
      private_metadata: { keycloak_id: user.id, attributes: user.attributes },
      created_at: instantOf(user.createdTimestamp),
      disabled: user.enabled === false,
    }),
  },

  // Rows of `auth.users`, each by `row_to_json`.
  supabase: {
    layout: 'lines',
    password: 'encrypted_password',
    toLine: (user, now) => {
      const profile = objectOf(user.raw_user_meta_data);
      return {
        email: user.email,
        fullname: profile.full_name ?? profile.name,
        password_hash: user.encrypted_password,
        email_verified: isPresent(user.email_confirmed_at),
        public_metadata: profile,
        private_metadata: { supabase_id: user.id, app_metadata: user.raw_app_meta_data },
        created_at: user.created_at,
        disabled: isPresent(user.deleted_at) || Date.parse(String(user.banned_until)) > now,
      };
    },
  },

  // What Auth0's support sends for an export of password hashes, with or without the members of its export of users.
  auth0: {
    layout: 'lines',
    password: 'passwordHash',
    toLine: (user) => ({
      email: user.email,
      fullname: user.name ?? joined(user.given_name, user.family_name),
      password_hash: user.passwordHash,
      email_verified: user.email_verified,
      public_metadata: user.user_metadata,
      private_metadata: { auth0_id: objectOf(user._id).$oid ?? user.user_id, app_metadata: user.app_metadata },
      created_at: user.created_at,
      disabled: user.blocked,
    }),
  },

  // `manage.py dumpdata auth.user`, or another model of users.
  django: {
    layout: 'whole',
    password: null,
    toLine: (user) => {
      const fields = objectOf(user.fields);
      const isUsable = typeof fields.password === 'string' && !fields.password.startsWith('!');
      return {
        email: fields.email,
        fullname: joined(fields.first_name, fields.last_name),
        password_hash: isUsable ? fields.password : null,
        private_metadata: { django_id: user.pk },
        created_at: fields.date_joined,
        disabled: fields.is_active === false,
      };
    },
  },
} as const satisfies Readonly<Record<string, DumpFormat>>;

export type DumpFormatName = keyof typeof DUMP_FORMATS;

/**
 * What is wrong with a user whose password another format would find and this one does not: they would come without it, and stay so,
 * as whoever is there is not imported again. Null otherwise, and for our own format, whose lines are refused for their other members.
 */
export function faultOfFormat(format: DumpFormat, user: Json): string | null {
  const has = ({ password }: DumpFormat) => password !== null && Object.hasOwn(user, password);
  if (format === DUMP_FORMATS.authflow || has(format)) {
    return null;
  }
  const others = Object.entries(DUMP_FORMATS).filter(([, other]) => has(other));
  const [name, other] = others.find(([, { layout }]) => layout === format.layout) ?? others[0] ?? [];
  return other === undefined ? null : `The record has ${other.password}, as --format ${name} reads it.`;
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function joined(...names: readonly unknown[]): string {
  return names.filter((name) => typeof name === 'string' && name !== '').join(' ');
}

/** Milliseconds since 1970, as a number or a text, as RFC 3339; what is neither is left to be refused. */
function instantOf(value: unknown): unknown {
  const at = Number(value ?? Number.NaN);
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : value;
}

/** JSON in a text; what cannot be read is left to be refused. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') {
    return value;
  }
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function keycloakPassword(credentials: unknown): object | null {
  const password = listOf(credentials)
    .map(objectOf)
    .find(({ type }) => type === 'password');
  return password === undefined ? null : { credentialData: password.credentialData, secretData: password.secretData };
}
