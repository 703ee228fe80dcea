import { askOwnHealth } from '../app/own-health.ts';
import { readSettings } from '../config/settings.ts';
import { SettingsError } from '../config/settings-error.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';
import { EXIT } from './exit-code.ts';

/** `authflow health`. */
export const register: Register = (program, { env, output, endWith }) => {
  program
    .command('health')
    .description('ask the server on this machine, by the HTTP port of the settings, whether it is ready')
    .option(...JSON_OPTION)
    .action(async ({ json }: JsonOption) => {
      const settings = readSettings(env);
      if (settings.httpPort === 0) {
        const message = 'is 0: only the server knows which free port it took. Set a number to ask it';
        throw new SettingsError([{ name: 'AUTHFLOW_HTTP_PORT', message }]);
      }
      const { address, ok, detail } = await askOwnHealth(settings);
      await output.record({ address, ok, detail }, json);
      if (!ok) {
        endWith(EXIT.refused);
      }
    });
};
