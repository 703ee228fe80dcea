import { readPackageVersion } from '../app/package-version.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';

/** `authflow version`. */
export const register: Register = (program, { output }) => {
  program
    .command('version')
    .description('print the version')
    .option(...JSON_OPTION)
    .action(({ json }: JsonOption) =>
      output.record({ authflow: readPackageVersion(), node: process.versions.node }, json),
    );
};
