import { readSettings } from '../config/settings.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';
import type { Row } from './output.ts';

interface MigrateOptions extends JsonOption {
  readonly dryRun?: boolean;
}

/** `authflow migrate`. */
export const register: Register = (program, { env, output }) => {
  program
    .command('migrate')
    .description('make a missing store, or bring an older one to this release')
    .option('--dry-run', 'only show what would be done')
    .option(...JSON_OPTION)
    .action(async ({ dryRun = false, json }: MigrateOptions) => {
      const { migrateStore } = await import('../app/migration.ts');
      const { applied, pending } = await migrateStore(readSettings(env), { dryRun });
      const rows: readonly Row[] = [
        ...applied.map(({ version, name }) => ({ version, name, state: 'applied' })),
        ...pending.map(({ version, name }) => ({ version, name, state: 'pending' })),
      ];
      await output.list(['version', 'name', 'state'], [rows], json);
      if (rows.length === 0) {
        await output.notice('The store is up to date.');
      }
    });
};
