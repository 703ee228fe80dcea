import { resolve } from 'node:path';
import { JSON_OPTION, type JsonOption, type Register, withAdministration } from './command.ts';

/** `authflow backup`. */
export const register: Register = (program, terminal) => {
  program
    .command('backup')
    .description('copy the whole store to a new file while the server runs; the secret file is not in it')
    .argument('<FILE>', 'must not exist')
    .option(...JSON_OPTION)
    .action((argument: string, { json }: JsonOption) =>
      withAdministration(terminal, async (administration) => {
        const file = resolve(argument);
        await administration.backup(file);
        await terminal.output.record({ file }, json);
      }),
    );
};
