import { describeSettings, readSettings } from '../config/settings.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';

/** `authflow config`. */
export const register: Register = (program, { env, output }) => {
  program
    .command('config')
    .description('show the settings in force; secrets only as (set)')
    .option(...JSON_OPTION)
    .action(async ({ json }: JsonOption) => {
      const settings = describeSettings(env, readSettings(env));
      const rows = settings.map(({ name, value, source, default: standard, range, meaning }) => ({
        name,
        value,
        source,
        default: standard,
        range,
        meaning,
      }));
      await output.list(['name', 'value', 'source'], [rows], json);
    });
};
