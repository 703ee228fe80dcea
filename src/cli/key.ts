import { classOfKey } from '../domain/caller.ts';
import {
  createApiKey,
  listApiKeys,
  readApiKeyPage,
  readNewApiKey,
  readRevocation,
  revokeApiKey,
} from '../domain/organizations/api-key.ts';
import type { ApiKeyRecord } from '../domain/organizations/storage.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';
import { ORG_HELP, withOrganization } from './organization-argument.ts';
import { instant, type Row } from './output.ts';
import { everyPage } from './pages.ts';

interface AddOptions extends JsonOption {
  readonly label?: string;
  readonly inTokens?: boolean;
  readonly kind?: string;
  readonly impersonate?: boolean;
}

interface RevokeOptions extends JsonOption {
  readonly endSessions?: boolean;
}

/** `authflow key …`. */
export const register: Register = (program, terminal) => {
  const { output } = terminal;
  const key = program.command('key').description('add, list and revoke API keys of an organization');

  key
    .command('add')
    .description('make another API key and print it, once; the others keep working')
    .argument('<ORG>', ORG_HELP)
    .option('--label <TEXT>', 'what it is for')
    .option('--in-tokens', 'make it the key that session tokens carry')
    .option('--kind <KIND>', 'api (the six calls), management or management_read (users and settings)', 'api')
    .option('--impersonate', 'let a management key open sessions in the place of users')
    .option(...JSON_OPTION)
    .action((argument: string, { label = '', inTokens = false, kind = 'api', impersonate = false, json }: AddOptions) =>
      withOrganization(terminal, argument, async (ports, orgId) => {
        const created = await createApiKey(ports, readNewApiKey({ orgId, label, inTokens, kind, impersonate }));
        const { keyId, createdAt } = created.key;
        await output.record(
          {
            key_id: keyId,
            api_key: created.apiKey,
            label: created.key.label,
            created_at: instant(createdAt),
            in_tokens: created.key.inTokens,
            kind: created.key.kind,
            impersonate: created.key.impersonate,
            class: classOf(created.key),
          },
          json,
        );
        if (!json) {
          await output.notice('Keep the key: it is not shown again.');
        }
      }),
    );

  key
    .command('list')
    .description('list the keys of an organization without their values, oldest first, revoked ones too')
    .argument('<ORG>', ORG_HELP)
    .option(...JSON_OPTION)
    .action((argument: string, { json }: JsonOption) =>
      withOrganization(terminal, argument, async (ports, orgId) => {
        const pages = everyPage(async (page) => {
          const { apiKeys, nextPageToken } = await listApiKeys(ports, readApiKeyPage({ orgId, ...page }));
          return { items: apiKeys.map(keyRow), nextPageToken };
        });
        const columns = ['key_id', 'label', 'created_at', 'revoked_at', 'in_tokens', 'kind', 'impersonate', 'class'];
        await output.list(columns, pages, json);
      }),
    );

  key
    .command('revoke')
    .description('refuse a key from the next call on')
    .argument('<ORG>', ORG_HELP)
    .argument('<KEY_ID>', 'as list shows it')
    .option('--end-sessions', 'also end every session of the organization')
    .option(...JSON_OPTION)
    .action((argument: string, keyId: string, { endSessions = false, json }: RevokeOptions) =>
      withOrganization(terminal, argument, async (ports, orgId) => {
        const revoked = await revokeApiKey(ports, readRevocation({ orgId, keyId, endSessions }));
        await output.record({ ...keyRow(revoked.key), ended_sessions: revoked.endedSessions }, json);
      }),
    );
};

function keyRow(key: ApiKeyRecord): Row {
  const { keyId, label, createdAt, revokedAt, inTokens, kind, impersonate } = key;
  return {
    key_id: keyId,
    label,
    created_at: instant(createdAt),
    revoked_at: instant(revokedAt),
    in_tokens: inTokens,
    kind,
    impersonate,
    class: classOf(key),
  };
}

/** Of callers; a management key's are in none. */
function classOf(key: ApiKeyRecord): string | null {
  return key.kind === 'api' ? classOfKey(key) : null;
}
