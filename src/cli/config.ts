import { describeSettings, readSettingsToShow } from '../config/settings.ts';
import { SettingsError } from '../config/settings-error.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';

/** `authflow config`. */
export const register: Register = (program, { env, output }) => {
  program
    .command('config')
    .description('show the settings in force; secrets only as (set)')
    .option(...JSON_OPTION)
    .action(async ({ json }: JsonOption) => {
      const { settings, missing } = readSettingsToShow(env);
      const rows = describeSettings(env, settings).map(
        ({ name, value, source, default: standard, range, meaning }) => ({
          name,
          value,
          source,
          default: standard,
          range,
          meaning,
        }),
      );
      await output.list(['name', 'value', 'source'], [rows], json);
      if (missing.length > 0) {
        throw new SettingsError(missing);
      }
    });
};
