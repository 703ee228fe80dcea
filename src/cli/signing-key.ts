import { JSON_OPTION, type JsonOption, type Register, withAdministration } from './command.ts';
import { instant } from './output.ts';

interface RotateOptions extends JsonOption {
  readonly compromised?: boolean;
}

/** `authflow signing-key …`. */
export const register: Register = (program, terminal) => {
  const { output } = terminal;
  const signingKey = program.command('signing-key').description('list and rotate the keys that sign session tokens');

  signingKey
    .command('list')
    .description('list the keys and their states: next, current, verifying, retired, or damaged (it does not open)')
    .option(...JSON_OPTION)
    .action(({ json }: JsonOption) =>
      withAdministration(terminal, async (administration) => {
        const keys = await administration.listSigningKeys();
        const rows = keys.map(({ kid, state, createdAt, activatesAt }) => ({
          kid,
          state,
          created_at: instant(createdAt),
          activates_at: instant(activatesAt),
        }));
        await output.list(['kid', 'state', 'created_at', 'activates_at'], [rows], json);
      }),
    );

  signingKey
    .command('rotate')
    .description('make a new key that signs once verifiers had time to see it; sessions go on')
    .option('--compromised', 'retire every other key at once: all sessions end')
    .option(...JSON_OPTION)
    .action(({ compromised = false, json }: RotateOptions) =>
      withAdministration(terminal, async (administration) => {
        const { kid, activatesAt } = await administration.rotateSigningKey({ compromised });
        await output.record({ kid, activates_at: instant(activatesAt) }, json);
      }),
    );
};
