import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { DUMP_FORMATS, type DumpFormatName } from '../domain/users/import/dump-formats.ts';
import { type FirebaseParameters, readFirebaseParameters } from '../domain/users/import/firebase-parameters.ts';
import { importUsers, type UserImportReport } from '../domain/users/import/import-users.ts';
import { JSON_OPTION, type JsonOption, type Terminal } from './command.ts';
import { openDump } from './dump-file.ts';
import { EXIT } from './exit-code.ts';
import { UsageError } from './failure.ts';
import { ImportProgressView } from './import-progress.ts';
import { ORG_HELP, withOrganization } from './organization-argument.ts';
import { untilStopped } from './until-stopped.ts';

interface ImportOptions extends JsonOption {
  readonly org: string;
  readonly format: string;
  readonly firebaseParameters?: string;
  readonly dryRun?: boolean;
}

const FORMATS = Object.keys(DUMP_FORMATS).join(', ');

/** `authflow user import`. */
export function registerImport(user: Command, terminal: Terminal): void {
  user
    .command('import')
    .description(
      'add the users of a file to an organization, with the hashes of their passwords (docs/importing-users.md). Who is there already ' +
        'stays as they are: a run that was stopped is run again',
    )
    .argument('<FILE>', 'JSON, as the format has it; - for standard input')
    .requiredOption('--org <ORG>', ORG_HELP)
    .option('--format <FORMAT>', `whose file it is: ${FORMATS}`, 'authflow')
    .option('--firebase-parameters <FILE>', "the project's password hash parameters, as Firebase's console shows them")
    .option('--dry-run', 'read and judge everything, and write nothing')
    .option(...JSON_OPTION)
    .action(async (path: string, options: ImportOptions) => {
      const format = formatOf(options.format);
      const firebase = await firebaseParameters(options.firebaseParameters);
      await withOrganization(terminal, options.org, async (ports, orgId) => {
        const { records, share } = await openDump(path, format.layout, terminal.input);
        const progress = new ImportProgressView(terminal.output, share);
        const report = await untilStopped((signal) =>
          importUsers(ports, {
            orgId,
            records,
            format,
            firebase,
            isDryRun: options.dryRun ?? false,
            signal,
            onRefused: async (line, fault) => {
              await progress.end();
              await terminal.output.notice(`Line ${line}: ${fault}`);
            },
            onProgress: (counts) => progress.show(counts),
          }),
        ).finally(() => progress.end());
        await tell(report, options, terminal);
      });
    });
}

async function tell(
  { isStopped, withoutPassword, ...counts }: UserImportReport,
  { dryRun = false, json }: ImportOptions,
  { output, endWith }: Terminal,
): Promise<void> {
  await output.record({ ...counts, without_password: withoutPassword, dry_run: dryRun, stopped: isStopped }, json);
  if (isStopped) {
    await output.notice('The import was stopped. Run it again: it goes on with those who are not there.');
  }
  if (isStopped || counts.refused > 0) {
    endWith(EXIT.refused);
  }
}

function formatOf(name: string): (typeof DUMP_FORMATS)[DumpFormatName] {
  if (!Object.hasOwn(DUMP_FORMATS, name)) {
    throw new UsageError(`--format must be one of ${FORMATS}.`);
  }
  return DUMP_FORMATS[name as DumpFormatName];
}

async function firebaseParameters(path: string | undefined): Promise<FirebaseParameters | null> {
  if (path === undefined) {
    return null;
  }
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`The file of --firebase-parameters cannot be read: ${path}`);
  });
  const parameters = readFirebaseParameters(text);
  if (parameters === null) {
    throw new UsageError(
      'The file of --firebase-parameters lacks one of base64_signer_key, base64_salt_separator, rounds and mem_cost.',
    );
  }
  return parameters;
}
