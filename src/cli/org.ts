import {
  closeOrganization,
  countUsers,
  createOrganization,
  getOrganization,
  listOrganizations,
  readNewOrganization,
  readOrganization,
  readOrganizationPage,
  reopenOrganization,
} from '../domain/organizations/organization.ts';
import { SETTING_NAMES, settingsOf } from '../domain/organizations/settings.ts';
import type { Organization } from '../domain/organizations/storage.ts';
import {
  readOrganizationUpdate,
  type UpdateOrganizationInput,
  updateOrganization,
} from '../domain/organizations/update-organization.ts';
import { JSON_OPTION, type JsonOption, type Register, withAdministration } from './command.ts';
import { UsageError } from './failure.ts';
import { ORG_HELP, withOrganization } from './organization-argument.ts';
import { instant, type Row } from './output.ts';
import { everyPage } from './pages.ts';

/** `authflow org …`. */
export const register: Register = (program, terminal) => {
  const { output } = terminal;
  const org = program.command('org').description('create, look at, change, close and reopen organizations');

  org
    .command('create')
    .description('make an organization and print its first API key, once')
    .argument('<NAME>', 'its name, unique without regard to case')
    .option(...JSON_OPTION)
    .action((name: string, { json }: JsonOption) =>
      withAdministration(terminal, async ({ ports }) => {
        const { organization, apiKey } = await createOrganization(ports, readNewOrganization({ name }));
        await output.record({ org_id: organization.orgId, name: organization.name, api_key: apiKey }, json);
        if (!json) {
          await output.notice('Keep the key: it is not shown again.');
        }
      }),
    );

  org
    .command('list')
    .description('list organizations, oldest first, closed ones too')
    .option(...JSON_OPTION)
    .action(({ json }: JsonOption) =>
      withAdministration(terminal, async ({ ports }) => {
        const pages = everyPage(async (page) => {
          const { organizations, nextPageToken } = await listOrganizations(ports, readOrganizationPage(page));
          return { items: organizations.map(organizationRow), nextPageToken };
        });
        await output.list(['org_id', 'name', 'created_at', 'closed_at'], pages, json);
      }),
    );

  org
    .command('show')
    .description('one organization, its settings, and how many users it has, up to 10,000')
    .argument('<ORG>', ORG_HELP)
    .option(...JSON_OPTION)
    .action((argument: string, { json }: JsonOption) =>
      withOrganization(terminal, argument, async (ports, orgId) => {
        const organization = await getOrganization(ports, readOrganization({ orgId }));
        const users = await countUsers(ports, orgId);
        await output.record({ ...organizationRow(organization), ...settingsRow(organization), users }, json);
      }),
    );

  org
    .command('update')
    .description(
      `change settings, each as NAME=VALUE: ${SETTABLE.join(', ')}. NAME= is its default, but for name and mail_approved`,
    )
    .argument('<ORG>', ORG_HELP)
    .argument('<SETTING...>', 'as locale=de, second_factor=required or login_by_email=true')
    .option(...JSON_OPTION)
    .action((argument: string, settings: readonly string[], { json }: JsonOption) =>
      withOrganization(terminal, argument, async (ports, orgId) => {
        const changed = await updateOrganization(ports, readOrganizationUpdate(updateOf(orgId, settings)), null);
        await output.record({ ...organizationRow(changed), ...settingsRow(changed) }, json);
      }),
    );

  org
    .command('close')
    .description('end all sessions of an organization and refuse its keys until it is reopened')
    .argument('<ORG>', ORG_HELP)
    .option(...JSON_OPTION)
    .action((argument: string, { json }: JsonOption) =>
      withOrganization(terminal, argument, async (ports, orgId) => {
        const { organization, endedSessions } = await closeOrganization(ports, readOrganization({ orgId }));
        await output.record({ ...organizationRow(organization), ended_sessions: endedSessions }, json);
      }),
    );

  org
    .command('reopen')
    .description('let a closed organization in again; its sessions stay ended')
    .argument('<ORG>', ORG_HELP)
    .option(...JSON_OPTION)
    .action((argument: string, { json }: JsonOption) =>
      withOrganization(terminal, argument, async (ports, orgId) => {
        await output.record(organizationRow(await reopenOrganization(ports, readOrganization({ orgId }))), json);
      }),
    );
};

/** What `org update` changes. */
const SETTABLE: readonly string[] = ['name', ...SETTING_NAMES, 'session_ttl_seconds', 'mail_approved'];

/** Throws UsageError for what is no setting. */
function updateOf(orgId: string, settings: readonly string[]): UpdateOrganizationInput {
  const values = new Map<string, string>();
  for (const setting of settings) {
    const [, name = '', value = ''] = /^([a-z_]+)=(.*)$/s.exec(setting) ?? [];
    if (!SETTABLE.includes(name)) {
      throw new UsageError(`Say what to change as NAME=VALUE, where NAME is one of ${SETTABLE.join(', ')}.`);
    }
    values.set(name, value);
  }
  const text = (name: string) => values.get(name) ?? '';
  for (const name of SWITCHES) {
    if (values.has(name) && !['true', 'false'].includes(text(name))) {
      throw new UsageError(`${name} is true or false.`);
    }
  }
  return {
    orgId,
    updateMask: [...values.keys()],
    name: text('name'),
    verifyUrl: text('verify_url'),
    resetUrl: text('reset_url'),
    mailDelivery: text('mail_delivery'),
    mailFromName: text('mail_from_name'),
    mailReplyTo: text('mail_reply_to'),
    mailTexts: text('mail_texts'),
    requireVerifiedEmail: text('require_verified_email') === 'true',
    loginByEmail: text('login_by_email') === 'true',
    secondFactor: text('second_factor'),
    sessionTtlSeconds: secondsOf(text('session_ttl_seconds')),
    locale: text('locale'),
    mailApproved: text('mail_approved') === 'true',
  };
}

const SWITCHES = ['mail_approved', 'require_verified_email', 'login_by_email'] as const;

/** 0 where there are none; what is no whole number is left to be refused. */
function secondsOf(text: string): number {
  return /^\d*$/.test(text) ? Number(text) : Number.NaN;
}

function settingsRow(organization: Organization): Row {
  const settings = settingsOf(organization);
  return {
    verify_url: settings.verifyUrl,
    reset_url: settings.resetUrl,
    mail_delivery: settings.mailDelivery,
    mail_from_name: settings.mailFromName,
    mail_reply_to: settings.mailReplyTo,
    mail_texts: settings.mailTexts,
    require_verified_email: settings.requireVerifiedEmail,
    login_by_email: settings.loginByEmail,
    second_factor: settings.secondFactor,
    locale: settings.locale,
    session_ttl_seconds: settings.sessionTtlSeconds,
    mail_approved: settings.mailApproved,
  };
}

function organizationRow({ orgId, name, createdAt, closedAt }: Organization): Row {
  return { org_id: orgId, name, created_at: instant(createdAt), closed_at: instant(closedAt) };
}
