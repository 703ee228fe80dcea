import { resolve } from 'node:path';
import { readSettings } from '../config/settings.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';

/** `authflow backup`. */
export const register: Register = (program, { env, output }) => {
  program
    .command('backup')
    .description('copy the whole store to a new file while the server runs; the secret file is not in it')
    .argument('<FILE>', 'must not exist')
    .option(...JSON_OPTION)
    .action(async (argument: string, { json }: JsonOption) => {
      const settings = readSettings(env);
      const { backUpStore } = await import('../app/backup.ts');
      const file = resolve(argument);
      await backUpStore(settings, file);
      await output.record({ file }, json);
    });
};
