import { parseEmail } from '../email.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import type { KeyManager } from '../management-key.ts';
import { type Checked, checked, readId, readLine, readOptionalLine } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { readMask } from '../update-mask.ts';
import { faultOfTemplate } from './link-template.ts';
import { faultOfMailTexts } from './mail-texts.ts';
import { MAX_NAME, toNameKey } from './organization.ts';
import { LOCALES, MAIL_DELIVERIES, SECOND_FACTORS, SETTING_NAMES, type SettingName } from './settings.ts';
import type { Organization, OrganizationUpdate } from './storage.ts';

/** Parameters of UpdateOrganization; what the mask does not name is not looked at. */
export interface UpdateOrganizationInput {
  readonly orgId: string;
  readonly updateMask: readonly string[];
  readonly name: string;
  readonly verifyUrl: string;
  readonly resetUrl: string;
  readonly mailDelivery: string;
  readonly mailFromName: string;
  readonly mailReplyTo: string;
  readonly mailTexts: string;
  readonly requireVerifiedEmail: boolean;
  readonly loginByEmail: boolean;
  readonly secondFactor: string;
  readonly sessionTtlSeconds: number;
  readonly locale: string;
  readonly mailApproved: boolean;
}

export interface UpdateOrganizationParameters {
  readonly orgId: string;
  readonly update: OrganizationUpdate;
  /** Whether it names what the administrator alone decides. */
  readonly isForAdministrator: boolean;
}

const NAMES = ['name', ...SETTING_NAMES, 'session_ttl_seconds', 'mail_approved'] as const;

/** The range of AUTHFLOW_SESSION_TTL, 1s to 400d. */
const SESSION_TTL_SECONDS = { least: 1, most: 34_560_000 } as const;

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readOrganizationUpdate(
  input: UpdateOrganizationInput,
  faults: FieldViolation[] = [],
): Checked<UpdateOrganizationParameters> {
  const orgId = readId('org_id', input.orgId, faults);
  const mask = readMask(input.updateMask, NAMES, faults);
  const settings: Record<string, string> = {};
  for (const name of SETTING_NAMES) {
    if (mask.has(name)) {
      settings[name] = READERS[name](input, faults);
    }
  }
  const update: OrganizationUpdate = {
    ...(mask.has('name') ? { name: readName(input, faults) } : {}),
    ...(mask.has('session_ttl_seconds') ? { sessionTtlSeconds: readSessionTtl(input, faults) } : {}),
    ...(mask.has('mail_approved') ? { mailApproved: input.mailApproved } : {}),
    ...(Object.keys(settings).length > 0 ? { settings } : {}),
  };
  return checked({ orgId, update, isForAdministrator: mask.has('name') || mask.has('mail_approved') }, faults);
}

/** Changes what was named for a manager (null: the administrator). Throws ORGANIZATION_NOT_FOUND, API_KEY_INVALID, ORGANIZATION_EXISTS. */
export async function updateOrganization(
  { storage }: Pick<Ports, 'storage'>,
  { orgId, update }: Checked<UpdateOrganizationParameters>,
  manager: KeyManager | null,
): Promise<Organization> {
  const outcome = await storage.updateOrganization(orgId, update, manager?.keyId ?? null);
  if (outcome === null) {
    throw new AuthError('ORGANIZATION_NOT_FOUND');
  }
  if (outcome === 'api_key_invalid') {
    throw new AuthError('API_KEY_INVALID');
  }
  if (outcome === 'already_exists') {
    throw new AuthError('ORGANIZATION_EXISTS');
  }
  return outcome;
}

/** Each gives the setting in its checked form; '' is its default. */
const READERS: Readonly<Record<SettingName, (input: UpdateOrganizationInput, faults: FieldViolation[]) => string>> = {
  verify_url: ({ verifyUrl }, faults) => readTemplate('verify_url', verifyUrl, faults),
  reset_url: ({ resetUrl }, faults) => readTemplate('reset_url', resetUrl, faults),
  mail_delivery: ({ mailDelivery }, faults) => readWord('mail_delivery', mailDelivery, MAIL_DELIVERIES, faults),
  mail_from_name: ({ mailFromName }, faults) => readOptionalLine('mail_from_name', mailFromName, MAX_NAME, faults),
  mail_reply_to: readReplyTo,
  mail_texts({ mailTexts }, faults) {
    const fault = mailTexts === '' ? null : faultOfMailTexts(mailTexts);
    if (fault !== null) {
      faults.push({ field: 'mail_texts', message: fault });
    }
    return mailTexts;
  },
  require_verified_email: ({ requireVerifiedEmail }) => String(requireVerifiedEmail),
  login_by_email: ({ loginByEmail }) => String(loginByEmail),
  second_factor: ({ secondFactor }, faults) => readWord('second_factor', secondFactor, SECOND_FACTORS, faults),
  locale: ({ locale }, faults) => readWord('locale', locale, LOCALES, faults),
};

function readName({ name }: UpdateOrganizationInput, faults: FieldViolation[]): { name: string; nameKey: string } {
  const line = readLine('name', name, MAX_NAME, faults);
  return { name: line, nameKey: toNameKey(line) };
}

function readTemplate(field: SettingName, template: string, faults: FieldViolation[]): string {
  const fault = template === '' ? null : faultOfTemplate(template);
  if (fault !== null) {
    faults.push({ field, message: fault });
  }
  return template;
}

/** One of the words, or the first of them where it is empty. */
function readWord(field: SettingName, word: string, words: readonly [string, ...string[]], faults: FieldViolation[]) {
  if (word !== '' && !words.includes(word)) {
    faults.push({ field, message: `must be one of ${words.join(', ')}` });
  }
  return word === '' ? words[0] : word;
}

function readReplyTo({ mailReplyTo }: UpdateOrganizationInput, faults: FieldViolation[]): string {
  const email = mailReplyTo === '' ? '' : parseEmail(mailReplyTo);
  if (email === null) {
    faults.push({ field: 'mail_reply_to', message: 'must be an e-mail address of at most 254 bytes' });
  }
  return email ?? '';
}

/** Null for 0: as the settings of the server say. */
function readSessionTtl({ sessionTtlSeconds }: UpdateOrganizationInput, faults: FieldViolation[]): number | null {
  const { least, most } = SESSION_TTL_SECONDS;
  if (sessionTtlSeconds === 0) {
    return null;
  }
  if (!(sessionTtlSeconds >= least && sessionTtlSeconds <= most)) {
    faults.push({ field: 'session_ttl_seconds', message: `must be 0, or ${least} to ${most}` });
  }
  return sessionTtlSeconds;
}
