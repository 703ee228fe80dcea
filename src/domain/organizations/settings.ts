import type { Organization } from './storage.ts';

/** The settings that an organization's row keeps as one text, by the names that they have on the wire. All are text. */
const DEFAULTS = {
  verify_url: '',
  reset_url: '',
  mail_delivery: 'server',
  mail_from_name: '',
  mail_reply_to: '',
  mail_texts: '',
  require_verified_email: 'false',
  login_by_email: 'false',
  second_factor: 'optional',
  locale: 'en',
} as const;

export type SettingName = keyof typeof DEFAULTS;

export const SETTING_NAMES = Object.keys(DEFAULTS) as readonly SettingName[];

/** Who sends mails. */
export const MAIL_DELIVERIES = ['server', 'backend'] as const;

/** What an organization has of second factors: `off` takes no new ones, and demands those that there are. */
export const SECOND_FACTORS = ['optional', 'required', 'off'] as const;

/** The languages of mails and pages (ISO 639-1). */
export const LOCALES = ['en', 'de', 'es', 'fr'] as const;

/** What an organization decides for itself, defaults included. */
export interface OrganizationSettings {
  /** A template with `{token}`; '' for the server's own page. */
  readonly verifyUrl: string;
  /** The same. */
  readonly resetUrl: string;
  readonly mailDelivery: (typeof MAIL_DELIVERIES)[number];
  /** '' for the organization's name. */
  readonly mailFromName: string;
  /** A normalized e-mail; '' for none. */
  readonly mailReplyTo: string;
  /** The text of a JSON object as `mail-texts.ts` reads it; '' for none. */
  readonly mailTexts: string;
  readonly requireVerifiedEmail: boolean;
  readonly loginByEmail: boolean;
  readonly secondFactor: (typeof SECOND_FACTORS)[number];
  readonly locale: (typeof LOCALES)[number];
  /** 0: as the settings of the server say. */
  readonly sessionTtlSeconds: number;
  readonly mailApproved: boolean;
}

/** The settings of an organization's row. */
export function settingsOf({
  settings,
  sessionTtlSeconds,
  mailApproved,
}: Pick<Organization, 'settings' | 'sessionTtlSeconds' | 'mailApproved'>): OrganizationSettings {
  const kept = { ...DEFAULTS, ...(JSON.parse(settings) as object) } as Readonly<Record<SettingName, string>>;
  return {
    verifyUrl: kept.verify_url,
    resetUrl: kept.reset_url,
    mailDelivery: MAIL_DELIVERIES.find((delivery) => delivery === kept.mail_delivery) ?? DEFAULTS.mail_delivery,
    mailFromName: kept.mail_from_name,
    mailReplyTo: kept.mail_reply_to,
    mailTexts: kept.mail_texts,
    requireVerifiedEmail: kept.require_verified_email === 'true',
    loginByEmail: kept.login_by_email === 'true',
    secondFactor: SECOND_FACTORS.find((word) => word === kept.second_factor) ?? DEFAULTS.second_factor,
    locale: LOCALES.find((locale) => locale === kept.locale) ?? DEFAULTS.locale,
    sessionTtlSeconds: sessionTtlSeconds ?? 0,
    mailApproved,
  };
}

/** The text of a row's settings after an update: what is null, or at its default, is left out. */
export function mergedSettings(text: string, update: Readonly<Record<string, string | null>>): string {
  const merged = { ...(JSON.parse(text) as Record<string, string>), ...update };
  const kept = Object.entries(merged).filter(
    ([name, value]) => value !== null && value !== Reflect.get(DEFAULTS, name),
  );
  return JSON.stringify(Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

/** Of an organization that has set nothing. */
export const NO_SETTINGS = '{}';
