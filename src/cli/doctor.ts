import { readSettings } from '../config/settings.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';
import { EXIT } from './exit-code.ts';

/** `authflow doctor`. */
export const register: Register = (program, { env, output, endWith }) => {
  program
    .command('doctor')
    .description('check the settings, the files and the store, and say what is wrong')
    .option('--production', 'also hold the settings against the checklist for production')
    .option(...JSON_OPTION)
    .action(async ({ json, production }: JsonOption & { readonly production?: boolean }) => {
      const settings = readSettings(env);
      const { diagnose } = await import('../app/doctor.ts');
      const checks = await diagnose(settings, { forProduction: production === true });
      const rows = checks.map(({ check, ok, detail }) => ({ check, ok, detail }));
      await output.list(['check', 'ok', 'detail'], [rows], json);
      if (checks.some(({ ok }) => !ok)) {
        endWith(EXIT.refused);
      }
    });
};
