import { resolve } from 'node:path';
import { readSettings } from '../config/settings.ts';
import type { StoreChange } from '../domain/restore/changes.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';
import type { Row } from './output.ts';

const COLUMNS = ['kind', 'change', 'name', 'id', 'org_id'];
const PAGE = 200;

/** `authflow restore`. */
export const register: Register = (program, { env, output }) => {
  program
    .command('restore')
    .description(
      'put a backup in the place of the store, every server stopped; sessions and nonces of before end, and what ' +
        'changed since the backup is listed',
    )
    .argument('<FILE>', 'as backup wrote it')
    .option(...JSON_OPTION)
    .action(async (argument: string, { json }: JsonOption) => {
      const settings = readSettings(env);
      const { restoreStore } = await import('../app/restore.ts');
      const { ADMIN_TOKEN_REMEDY } = await import('../app/admin-token-check.ts');
      let isTold = false;
      const report = await restoreStore(settings, resolve(argument), async (changes) => {
        isTold = true;
        await output.list(COLUMNS, pagesOf(changes), json);
      });
      if (!isTold && json) {
        await output.list(COLUMNS, [], json);
      }
      const { replacedFile, comparison, adminTokenFault } = report;
      await output.notice(`${settings.databaseFile} is restored. Every session and nonce of before has ended.`);
      await output.notice(COMPARISONS[comparison]);
      if (replacedFile !== null) {
        await output.notice(`The store that was there is kept at ${replacedFile}: remove it when you need it no more.`);
      }
      if (adminTokenFault !== null) {
        await output.notice(`${adminTokenFault}: all management is refused; ${ADMIN_TOKEN_REMEDY}.`);
      }
    });
};

const COMPARISONS = {
  told: 'What is listed has changed since the backup and is undone: revoke, disable or delete once more what must be.',
  no_store: 'There was no store that could tell what changed since the backup.',
  not_readable:
    'The store that was there cannot be read to its end: what changed since the backup is not told, or not all of it. ' +
    'Keys revoked and users disabled since then are good again.',
  another_store: 'The store that was there was another one: it tells nothing of what changed since the backup.',
} as const;

async function* pagesOf(changes: AsyncIterable<StoreChange>): AsyncGenerator<readonly Row[]> {
  let page: Row[] = [];
  for await (const { kind, orgId, id, name, change } of changes) {
    page.push({ kind, change, name, id, org_id: orgId });
    if (page.length === PAGE) {
      yield page;
      page = [];
    }
  }
  yield page;
}
