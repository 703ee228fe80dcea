/** How often something may happen: at once `burst` times, and in the long run `count` times in each `periodMs`. All whole numbers from 1 on. */
export interface RateLimit {
  readonly count: number;
  readonly periodMs: number;
  readonly burst: number;
}

/**
 * What is limited, as `/metrics` names it; `AUTHFLOW_LIMIT_` and the same in capitals is its setting.
 *
 * `foobar`, `signup`, `login`: by organization, class of caller and key. `foobar_keyless`: by address; `foobar_keyless_total`: all
 * of these together. `mail_request`: SendVerificationEmail, ForgotPassword and ChangeEmail by organization and class of caller.
 * `person`: these, SignUp and Login by organization, class of caller and the person's address. `organizations`: open
 * sign-up of organizations by address; `organizations_total`: all of these together.
 */
export const LIMIT_NAMES = [
  'foobar',
  'foobar_keyless',
  'foobar_keyless_total',
  'signup',
  'login',
  'mail_request',
  'person',
  'organizations',
  'organizations_total',
] as const;

export type LimitName = (typeof LIMIT_NAMES)[number];

/** Every limit; null where it is off. */
export type RateLimits = Readonly<Record<LimitName, RateLimit | null>>;

/** One token of one bucket. */
export interface Charge {
  readonly limit: LimitName;
  /** Whose bucket of the limit. */
  readonly key: string;
  /** Who made the key up, where somebody could: once half of the buckets are taken an eighth is one's at most. */
  readonly owner?: string;
}

/** Why nothing was taken. */
export interface ChargeRefusal {
  /** The limit that makes the caller wait for longest. */
  readonly limit: LimitName;
  /** From 1 on: the least whole number of milliseconds after which all of it can be taken, if nobody else takes of it. */
  readonly waitMs: number;
}

/** Whoever keeps the buckets. */
export interface RateLimiter {
  /** Takes one token for each charge, or where one of them is missing none of them. Never rejected; limits that are off take nothing. */
  charge(charges: readonly Charge[]): ChargeRefusal | null | Promise<ChargeRefusal | null>;
}
