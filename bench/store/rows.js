import { hash } from 'node:crypto';
import bcryptjs from 'bcryptjs';
import { formatUuid } from '../../src/crypto/uuid.ts';
import { nameWords } from '../../src/domain/users/name-words.ts';

/**
 * How much a store holds. The same shape is the same rows, in whatever engine.
 * @typedef {object} Shape
 * @property {number} users
 * @property {number} organizations
 * @property {number} [usersOfFirst] so many of the users are the first organization's alone; the others are shared out among all
 * @property {number} sessions live ones, for a day at least
 * @property {string} seed
 * @property {number} at the instant that they are made for, in milliseconds since the epoch
 */
/** @typedef {{ orgId: string, keyId: string, apiKey: string, apiKeyHash: Buffer, createdAt: number }} Organization */
/** @typedef {{ orgId: string, userId: string, email: string, fullname: string, createdAt: number, emailVerifiedAt: number | null, roles: string }} User */
/** @typedef {{ sessionId: string, user: User, createdAt: number, expiresAt: number }} Session */
/** @typedef {{ name: string, columns: Readonly<Record<string, 'text' | 'bytea' | 'bigint' | 'boolean'>>, rows: Iterable<readonly unknown[]> }} Table */

export const SMALL = { users: 1_000, organizations: 10, sessions: 1_000 };
export const LARGE = { users: 1_000_000, organizations: 10_000, sessions: 1_000_000 };

/** An organization of a million users, among others. */
export const ONE_LARGE = { users: 1_100_000, usersOfFirst: 1_000_000, organizations: 1_000, sessions: 1_000 };

/** Of every user. */
export const PASSWORD = 'correct horse battery staple';
/** Hashed once, under a salt that does not change: a million hashes would take a day. */
export const PASSWORD_HASH = bcryptjs.hashSync(PASSWORD, '$2b$10$abcdefghijklmnopqrstuu');

const DAY_MS = 86_400_000;
/** AUTHFLOW_SESSION_TTL by default. */
const SESSION_TTL_MS = 7 * DAY_MS;
/** Prime, and so a step that meets each of the users, and each of the sessions, once. */
const USER_STEP = 7_919;
const SESSION_STEP = 611_953;
/** Of which names are put together. */
const SYLLABLES = [
  'ba',
  'cor',
  'di',
  'el',
  'fan',
  'go',
  'hil',
  'is',
  'ka',
  'lu',
  'mar',
  'no',
  'per',
  'ra',
  'sen',
  'to',
  'vi',
];
/** Every so many-th user has a role, and every second has proven the e-mail. */
const EDITOR_EVERY = 20;
const OWNER_EVERY = 10_000;

/** The rows of a shape. Users and sessions come in the order of their age, those of one organization among those of all others. */
export class SeededRows {
  #shape;

  /** @param {Shape} shape */
  constructor(shape) {
    this.#shape = shape;
  }

  /**
   * @param {number} index
   * @returns {Organization}
   */
  organization(index) {
    const createdAt = this.#spread(index, this.#shape.organizations, { from: -720 * DAY_MS, to: -360 * DAY_MS });
    const secret = this.#bytes('api key', index);
    const apiKey = `af_${secret.toString('base64url')}`;
    return {
      orgId: uuid(this.#bytes('organization', index), 4),
      keyId: uuidV7(this.#bytes('key', index), createdAt),
      apiKey,
      apiKeyHash: hash('sha256', apiKey, 'buffer'),
      createdAt,
    };
  }

  /**
   * @param {number} index
   * @returns {User}
   */
  user(index) {
    const createdAt = this.#spread(index, this.#shape.users, { from: -350 * DAY_MS, to: -7 * DAY_MS });
    const isEditor = index % EDITOR_EVERY === 0;
    const isOwner = index % OWNER_EVERY === 1;
    return {
      orgId: this.#orgId(this.#organizationOf(index)),
      userId: uuidV7(this.#bytes('user', index), createdAt),
      email: `user-${index}@example.com`,
      fullname: this.#name(index),
      createdAt,
      emailVerifiedAt: index % 2 === 0 ? createdAt : null,
      roles: isEditor ? 'editor' : isOwner ? 'owner' : '',
    };
  }

  /**
   * @param {number} index
   * @returns {Session}
   */
  session(index) {
    const createdAt = this.#spread(index, this.#shape.sessions, { from: -6 * DAY_MS, to: -DAY_MS });
    return {
      sessionId: uuidV7(this.#bytes('session', index), createdAt),
      user: this.user((index * USER_STEP) % this.#shape.users),
      createdAt,
      expiresAt: Math.floor((createdAt + SESSION_TTL_MS) / 1_000) * 1_000,
    };
  }

  /**
   * So many sessions, spread over all organizations, each with the key of its own.
   *
   * @param {number} count
   * @returns {(Session & { organization: Organization })[]}
   */
  sample(count) {
    const { sessions, users } = this.#shape;
    return Array.from({ length: Math.min(count, sessions) }, (_, n) => {
      const index = (n * SESSION_STEP) % sessions;
      const organization = this.organization(this.#organizationOf((index * USER_STEP) % users));
      return { ...this.session(index), organization };
    });
  }

  /** @returns {readonly Table[]} in an order in which each refers to what is there */
  tables() {
    const { organizations, users, sessions } = this.#shape;
    return [
      {
        name: 'organizations',
        columns: { org_id: 'text', name: 'text', name_key: 'text', created_at: 'bigint' },
        rows: each(organizations, (index) => {
          const { orgId, createdAt } = this.organization(index);
          return [orgId, `Organization ${index}`, `organization ${index}`, createdAt];
        }),
      },
      {
        name: 'api_keys',
        columns: {
          org_id: 'text',
          key_id: 'text',
          label: 'text',
          api_key_hash: 'bytea',
          in_tokens: 'boolean',
          was_sealed: 'boolean',
          created_at: 'bigint',
        },
        rows: each(organizations, (index) => {
          const { orgId, keyId, apiKeyHash, createdAt } = this.organization(index);
          return [orgId, keyId, '', apiKeyHash, 0, 0, createdAt];
        }),
      },
      {
        name: 'users',
        columns: {
          org_id: 'text',
          user_id: 'text',
          email: 'text',
          fullname: 'text',
          password_hash: 'text',
          credential_version: 'bigint',
          created_at: 'bigint',
          email_verified_at: 'bigint',
          roles: 'text',
          has_words: 'boolean',
        },
        rows: each(users, (index) => {
          const { orgId, userId, email, fullname, createdAt, emailVerifiedAt, roles } = this.user(index);
          return [orgId, userId, email, fullname, PASSWORD_HASH, 1, createdAt, emailVerifiedAt, roles, 1];
        }),
      },
      {
        name: 'user_words',
        columns: { org_id: 'text', user_id: 'text', word: 'text' },
        rows: this.#words(),
      },
      {
        name: 'sessions',
        columns: {
          org_id: 'text',
          session_id: 'text',
          user_id: 'text',
          generation: 'bigint',
          created_at: 'bigint',
          expires_at: 'bigint',
        },
        rows: each(sessions, (index) => {
          const { sessionId, user, createdAt, expiresAt } = this.session(index);
          return [user.orgId, sessionId, user.userId, 0, createdAt, expiresAt];
        }),
      },
    ];
  }

  *#words() {
    for (let index = 0; index < this.#shape.users; index += 1) {
      const { orgId, userId, fullname } = this.user(index);
      for (const word of nameWords(fullname)) {
        yield [orgId, userId, word];
      }
    }
  }

  /**
   * Whose a user is: those of the first organization come among those of all.
   *
   * @param {number} index
   */
  #organizationOf(index) {
    const { users, usersOfFirst = 0, organizations } = this.#shape;
    const shared = users - usersOfFirst;
    const before = Math.floor((index * shared) / users);
    return Math.floor(((index + 1) * shared) / users) > before ? before % organizations : 0;
  }

  /**
   * One of some five thousand given names and one of some eighty thousand family names.
   *
   * @param {number} index
   */
  #name(index) {
    const bytes = this.#bytes('name', index);
    const name = (/** @type {number} */ from, /** @type {number} */ to) =>
      Array.from(bytes.subarray(from, to), (byte) => SYLLABLES[byte % SYLLABLES.length]).join('');
    return `${capital(name(0, 3))} ${capital(name(3, 7))}`;
  }

  /** @param {number} index */
  #orgId(index) {
    return uuid(this.#bytes('organization', index), 4);
  }

  /**
   * 32 bytes.
   *
   * @param {string} kind
   * @param {number} index
   */
  #bytes(kind, index) {
    return hash('sha256', `${this.#shape.seed} ${kind} ${index}`, 'buffer');
  }

  /**
   * @param {number} index
   * @param {number} count
   * @param {{ from: number, to: number }} span relative to the instant of the shape
   */
  #spread(index, count, { from, to }) {
    return this.#shape.at + from + Math.floor((index / count) * (to - from));
  }
}

/**
 * @param {number} count
 * @param {(index: number) => readonly unknown[]} row
 */
function* each(count, row) {
  for (let index = 0; index < count; index += 1) {
    yield row(index);
  }
}

/** @param {string} word */
function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/**
 * @param {Buffer} bytes are written to
 * @param {number} at
 */
function uuidV7(bytes, at) {
  bytes.writeUIntBE(at, 0, 6);
  return uuid(bytes, 7);
}

/**
 * @param {Buffer} bytes are written to
 * @param {number} version
 */
function uuid(bytes, version) {
  bytes[6] = (version << 4) | (Number(bytes[6]) & 0x0f);
  bytes[8] = 0x80 | (Number(bytes[8]) & 0x3f);
  return formatUuid(bytes);
}
