import {
  closeOrganization,
  createOrganization,
  listOrganizations,
  readNewOrganization,
  readOrganization,
  readOrganizationPage,
  reopenOrganization,
} from '../domain/organizations/organization.ts';
import type { Organization } from '../domain/organizations/storage.ts';
import { JSON_OPTION, type JsonOption, type Register, withAdministration } from './command.ts';
import { ORG_HELP, withOrganization } from './organization-argument.ts';
import { instant, type Row } from './output.ts';
import { everyPage } from './pages.ts';

/** `authflow org …`. */
export const register: Register = (program, terminal) => {
  const { output } = terminal;
  const org = program.command('org').description('create, list, close and reopen organizations');

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

function organizationRow({ orgId, name, createdAt, closedAt }: Organization): Row {
  return { org_id: orgId, name, created_at: instant(createdAt), closed_at: instant(closedAt) };
}
