import { resolve } from 'node:path';
import type { Comparison } from '../app/restore.ts';
import { readSettings } from '../config/settings.ts';
import type { StoreChange } from '../domain/restore/changes.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';
import type { Pages, Row } from './output.ts';
import { untilStopped } from './until-stopped.ts';

const COLUMNS = ['kind', 'change', 'name', 'id', 'org_id'];
const PAGE = 200;

/** `authflow restore`. */
export const register: Register = (program, { env, output }) => {
  program
    .command('restore')
    .description(
      'put a backup in the place of the store, every server stopped; sessions and nonces of before end, and what ' +
        'changed since the backup is listed. On PostgreSQL, after pg_restore: end them',
    )
    .argument('[FILE]', 'as backup wrote it; on PostgreSQL none: pg_restore has put the store back')
    .option(...JSON_OPTION)
    .action(async (argument: string | undefined, { json }: JsonOption) => {
      const settings = readSettings(env);
      const { renewStore, restoreStore, tellUndone } = await import('../app/restore.ts');
      const { ADMIN_TOKEN_REMEDY } = await import('../app/admin-token-check.ts');
      const report =
        argument === undefined
          ? await renewStore(settings)
          : await untilStopped((signal) => restoreStore(settings, resolve(argument), signal));
      // From here on it is restored, whoever still reads what is written.
      const notice = (text: string) => output.notice(text).catch(() => {});
      const { replacedFile, adminTokenFault } = report;
      await notice(`${report.store} is restored. Every session and nonce of before has ended.`);
      if (replacedFile !== null) {
        await notice(`The store that was there is kept at ${replacedFile}: remove it when you need it no more.`);
      }
      if (adminTokenFault !== null) {
        await notice(`${adminTokenFault}: all management is refused; ${ADMIN_TOKEN_REMEDY}.`);
      }
      let isWritten = false;
      let isCut = false;
      const list = async (pages: Pages) => {
        isWritten = true;
        await output.list(COLUMNS, pages, json).catch(() => {
          isCut = true;
        });
      };
      const secrets: StoreChange[] = [];
      const comparison = await tellUndone(settings, replacedFile, async (changes) => {
        const pages = pagesOf(notingSecrets(changes, secrets));
        const first = json ? null : await pages.next();
        if (first === null) {
          await list(pages);
        } else if (!first.done) {
          await list(following(first.value, pages));
        }
      });
      if (!isWritten && json) {
        await list([]);
      }
      await notice(isCut ? CUT : argument === undefined ? ON_POSTGRES : COMPARISONS[comparison]);
      const compromised = secrets.flatMap(({ id, change }) => (change === 'compromised_since' ? [id] : []));
      if (compromised.length > 0) {
        await notice(
          `Before any server starts: authflow secret rotate --compromised. ${compromised.join(', ')} was called compromised since the ` +
            'backup, and is believed again.',
        );
      } else if (secrets.length > 0) {
        await notice(
          'The store is under its secret of before again: "authflow secret rotate" replaces it, with --compromised where somebody else ' +
            'has that one.',
        );
      }
    });
};

const CUT =
  'The list of what changed since the backup could not be written whole. All of it is undone: keys revoked and users ' +
  'disabled since then are good again. The store that was there still holds it.';

const ON_POSTGRES =
  'What changed since then is undone: revoke, disable or delete once more what must be. The database of before can tell, while it is ' +
  'there: docs/operations.md, "PostgreSQL: restore a dump". After "secret rotate --compromised" since then run that again, before any node starts.';

const COMPARISONS: Readonly<Record<Comparison, string>> = {
  told: 'What is listed has changed since the backup and is undone: revoke, disable or delete once more what must be.',
  nothing_changed: 'Nothing has changed since the backup.',
  no_store: 'There was no store that could tell what changed since the backup.',
  not_readable:
    'The store that was there cannot be read to its end: what changed since the backup is not told, or not all of it. ' +
    'Keys revoked and users disabled since then are good again, and a secret that was called compromised is believed: then run ' +
    '"authflow secret rotate --compromised" before any server starts.',
  another_store: 'The store that was there was another one: it tells nothing of what changed since the backup.',
};

async function* notingSecrets(
  changes: AsyncIterable<StoreChange>,
  secrets: StoreChange[],
): AsyncGenerator<StoreChange> {
  for await (const change of changes) {
    if (change.kind === 'secret') {
      secrets.push(change);
    }
    yield change;
  }
}

async function* following(first: readonly Row[], pages: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
  yield first;
  yield* pages;
}

async function* pagesOf(changes: AsyncIterable<StoreChange>): AsyncGenerator<readonly Row[]> {
  let page: Row[] = [];
  for await (const { kind, orgId, id, name, change } of changes) {
    page.push({ kind, change, name, id, org_id: orgId });
    if (page.length === PAGE) {
      yield page;
      page = [];
    }
  }
  if (page.length > 0) {
    yield page;
  }
}
