import type { MoveReport } from '../app/copy.ts';
import type { Environment } from '../config/environment.ts';
import { databaseAt, readSettings, type Settings } from '../config/settings.ts';
import { JSON_OPTION, type JsonOption, type Register, type Terminal } from './command.ts';
import { CopyProgressView } from './copy-progress.ts';
import { UsageError } from './failure.ts';
import type { Output } from './output.ts';
import { untilStopped } from './until-stopped.ts';

interface CopyOptions extends JsonOption {
  readonly from?: string;
  readonly to?: string;
  readonly resume?: boolean;
  /** True without a URL. */
  readonly reopen?: string | true;
}

const COLUMNS = ['table', 'rows', 'copied_rows', 'rows_per_second', 'sha256'];

/** `authflow copy`. */
export const register: Register = (program, terminal) => {
  program
    .command('copy')
    .description(
      'move the store to another database, every server stopped: all tables are copied and compared, and the source is marked as ' +
        'moved. URLs as in AUTHFLOW_DATABASE_URL; the side that is left out is the store of the settings',
    )
    .option('--from <URL>', 'the source')
    .option('--to <URL>', 'the target; it must be missing or empty')
    .option('--resume', 'go on with a copy that was interrupted')
    .option('--reopen [URL]', 'instead of copying: let a store that was moved be served again')
    .option(...JSON_OPTION)
    .action(async (options: CopyOptions) => {
      const settings = readSettings(terminal.env);
      if (options.reopen !== undefined) {
        await reopen(settings, options.reopen, terminal);
      } else {
        await copy(settings, options, terminal);
      }
    });
};

async function copy(settings: Settings, { from, to, resume = false, json }: CopyOptions, { env, output }: Terminal) {
  if (from === undefined && to === undefined) {
    throw new UsageError('Give --from or --to: the side that is left out is the store of the settings.');
  }
  const { moveStore, recordMove, uncopiedValues } = await import('../app/copy.ts');
  const progress = new CopyProgressView(output);
  const sides = { from: sideOf(env, settings, ['--from', from]), to: sideOf(env, settings, ['--to', to]) };
  let report: MoveReport;
  try {
    report = await untilStopped((signal) =>
      moveStore(settings, { ...sides, resume, signal, onProgress: (step) => progress.show(step) }),
    );
  } catch (error) {
    await progress.end();
    const uncopied = uncopiedValues(error).map((value) => ({ ...value }));
    if (uncopied.length > 0) {
      await output.list(['table', 'row', 'column', 'fault'], [uncopied], json).catch(() => {});
    }
    throw error;
  }
  await progress.end();
  await recordMove(sides.to, report);
  await tell(report, output, json);
}

async function reopen(settings: Settings, url: string | true, { env, output }: Terminal) {
  const { reopenStore } = await import('../app/copy.ts');
  const database = url === true ? settings.database : databaseAt(env, '--reopen', url);
  const { otherPlace } = await reopenStore(database);
  await output.notice(
    `The store can be served again. See that no server runs on ${otherPlace}: two live stores would take every nonce twice, and ` +
      'what was written there is not here.',
  );
}

function sideOf(env: Environment, settings: Settings, [option, url]: readonly [string, string | undefined]) {
  return url === undefined ? settings.database : databaseAt(env, option, url);
}

/** From here on it is moved, whoever still reads what is written. */
async function tell(
  { from, to, schema, tables, isSecretChecked, credentials }: MoveReport,
  output: Output,
  json?: boolean,
) {
  const rows = tables.map(({ table, rows, copiedRows, seconds, sha256 }) => ({
    table,
    rows,
    copied_rows: copiedRows,
    rows_per_second: Math.round(copiedRows / Math.max(seconds, 0.001)),
    sha256,
  }));
  const notice = (text: string) => output.notice(text).catch(() => {});
  await output.list(COLUMNS, [rows], json).catch(() => {});
  await notice(
    `The store is at ${to}, equal in every row, and ${from} is marked as moved: no command opens it any more.`,
  );
  const naming = schema === null ? '' : `, and AUTHFLOW_DATABASE_SCHEMA=${schema}`;
  await notice(
    `Start the servers with AUTHFLOW_DATABASE_URL (or AUTHFLOW_DATABASE_URL_FILE) set to the new place${naming}.`,
  );
  if (credentials.length > 0) {
    await notice('They need the secret and the admin token of before, which no data folder gives them on PostgreSQL:');
    for (const { variable, file } of credentials) {
      await notice(`  export ${variable}=${quoted(file)}`);
    }
  }
  if (!isSecretChecked) {
    await notice('There was no secret at hand that could be tried: servers start under that of the old store alone.');
  }
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
