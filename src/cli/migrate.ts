import type { Settings } from '../config/settings.ts';
import { readSettings } from '../config/settings.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';
import type { Output, Row } from './output.ts';

interface MigrateOptions extends JsonOption {
  readonly dryRun?: boolean;
}

/** `authflow migrate`. */
export const register: Register = (program, { env, output }) => {
  program
    .command('migrate')
    .description('make a missing store, or bring an older one to this release')
    .option('--dry-run', 'only print the SQL that would run')
    .option(...JSON_OPTION)
    .action(async ({ dryRun = false, json }: MigrateOptions) => {
      const settings = readSettings(env);
      const rows = await (dryRun ? showPlan(settings, output, json) : migrate(settings, output, json));
      if (rows === 0) {
        await output.notice('The store is up to date.');
      }
    });
};

async function migrate(settings: Settings, output: Output, json?: boolean): Promise<number> {
  const { migrateStore } = await import('../app/migration.ts');
  const applied = await migrateStore(settings);
  const rows: readonly Row[] = applied.map(({ version, name }) => ({ version, name, state: 'applied' }));
  await output.list(['version', 'name', 'state'], [rows], json);
  return rows.length;
}

async function showPlan(settings: Settings, output: Output, json?: boolean): Promise<number> {
  const { planMigration } = await import('../app/migration.ts');
  const pending = await planMigration(settings);
  if (json) {
    const rows: readonly Row[] = pending.map(({ version, name, sql }) => ({ version, name, state: 'pending', sql }));
    await output.list([], [rows], json);
  } else {
    await output.lines(...pending.flatMap(({ version, name, sql }) => [`-- ${version}: ${name}`, ...sql.split('\n')]));
  }
  return pending.length;
}
