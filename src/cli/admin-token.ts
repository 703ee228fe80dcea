import { JSON_OPTION, type JsonOption, type Register, withAdministration } from './command.ts';

/** `authflow admin-token …`. */
export const register: Register = (program, terminal) => {
  const adminToken = program.command('admin-token').description('rotate the admin token');

  adminToken
    .command('rotate')
    .description('put a new admin token into its file; the old one is refused from the next call on')
    .option(...JSON_OPTION)
    .action(({ json }: JsonOption) =>
      withAdministration(terminal, async (administration) => {
        const { path } = await administration.rotateAdminToken();
        await terminal.output.record({ admin_token_file: path }, json);
      }),
    );
};
