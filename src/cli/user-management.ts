import { type Command, Option } from 'commander';
import { createUser, readNewUser } from '../domain/users/create-user.ts';
import { impersonate, readImpersonation } from '../domain/users/impersonate.ts';
import type { UserRecord } from '../domain/users/storage.ts';
import { readUserUpdate, updateUser } from '../domain/users/update-user.ts';
import { findUser } from '../domain/users/user.ts';
import { JSON_OPTION, type JsonOption, type Terminal } from './command.ts';
import { UsageError } from './failure.ts';
import { ORG_HELP, withOrganization } from './organization-argument.ts';
import { instant, type Row } from './output.ts';
import { makePassword, readTypedPassword } from './password-input.ts';

interface CreateOptions extends JsonOption {
  readonly password?: boolean;
  readonly generate?: boolean;
  readonly invite?: boolean;
  readonly verified?: boolean;
  readonly roles?: string;
}

interface UpdateOptions extends JsonOption {
  readonly email?: string;
  readonly fullname?: string;
  readonly verified?: boolean;
  readonly publicMetadata?: string;
  readonly privateMetadata?: string;
}

interface ImpersonateOptions extends JsonOption {
  readonly reason: string;
  readonly seconds?: string;
}

const USER_HELP = 'user_id or e-mail';
const NO_CHANGE = {
  email: '',
  fullname: '',
  emailVerified: false,
  roles: [],
  publicMetadata: '',
  privateMetadata: '',
} as const;
/** Whoever administers waits for the end. */
const PATIENT = { isAbandoned: () => false };

/** `authflow user create`, `update`, `roles` and `impersonate`. */
export function registerManagement(user: Command, terminal: Terminal): void {
  const { output } = terminal;

  user
    .command('create')
    .description('add a user, without a password unless one is asked for')
    .argument('<ORG>', ORG_HELP)
    .argument('<EMAIL>', 'unique within the organization')
    .argument('<FULLNAME>', "the user's name")
    .addOption(
      new Option(
        '--password',
        'with the password that standard input holds, or that a terminal is asked for',
      ).conflicts('generate'),
    )
    .option('--generate', 'with a password that is made, and printed, once')
    .option('--invite', 'mail a link that sets a password')
    .option('--verified', 'the user is known to read mail at that address')
    .option('--roles <ROLES>', 'with commas between them')
    .option(...JSON_OPTION)
    .action(async (argument: string, email: string, fullname: string, options: CreateOptions) => {
      const { generate = false, invite = false, verified = false, json } = options;
      const password = generate ? makePassword() : options.password ? await readTypedPassword(terminal) : '';
      await withOrganization(terminal, argument, async (ports, orgId) => {
        const input = { ...NO_CHANGE, orgId, email, fullname, password, passwordHash: '', invite };
        const roles = rolesOf(options.roles ?? '');
        const parameters = readNewUser({ ...input, emailVerified: verified, roles }, ports.rules);
        const made = generate ? { password } : {};
        await output.record({ ...managedRow(await createUser(ports, parameters, null, PATIENT)), ...made }, json);
      });
    });

  user
    .command('update')
    .description('change what is given of a user; another address ends all sessions')
    .argument('<ORG>', ORG_HELP)
    .argument('<USER>', USER_HELP)
    .option('--email <EMAIL>', 'counts as not proven, unless --verified is given')
    .option('--fullname <NAME>', "the user's name")
    .option('--verified', 'the user is known to read mail at the address')
    .option('--no-verified', 'the address counts as not proven')
    .option('--public-metadata <JSON>', 'shown to the user; empty for none')
    .option('--private-metadata <JSON>', 'for your backend alone; empty for none')
    .option(...JSON_OPTION)
    .action((argument: string, named: string, { json, verified, ...texts }: UpdateOptions) => {
      const given = {
        ...(texts.email === undefined ? {} : { email: texts.email }),
        ...(texts.fullname === undefined ? {} : { fullname: texts.fullname }),
        ...(texts.publicMetadata === undefined ? {} : { publicMetadata: texts.publicMetadata }),
        ...(texts.privateMetadata === undefined ? {} : { privateMetadata: texts.privateMetadata }),
        ...(verified === undefined ? {} : { emailVerified: verified }),
      };
      if (Object.keys(given).length === 0) {
        throw new UsageError('Say what to change: --email, --fullname, --verified or metadata.');
      }
      return update(argument, named, given, json);
    });

  user
    .command('roles')
    .description('set the roles of a user; one that is taken away ends all sessions')
    .argument('<ORG>', ORG_HELP)
    .argument('<USER>', USER_HELP)
    .argument('[ROLES]', 'with commas between them; none to take all away', '')
    .option(...JSON_OPTION)
    .action((argument: string, named: string, roles: string, { json }: JsonOption) =>
      update(argument, named, { roles: rolesOf(roles) }, json),
    );

  user
    .command('impersonate')
    .description("open a session in a user's place, for an hour at most, and print its token; the audit log tells why")
    .argument('<ORG>', ORG_HELP)
    .argument('<USER>', USER_HELP)
    .requiredOption('--reason <TEXT>', 'why, for the audit log')
    .option('--seconds <NUMBER>', 'how long, at most 3600', '3600')
    .option(...JSON_OPTION)
    .action((argument: string, named: string, { reason, seconds, json }: ImpersonateOptions) =>
      withOrganization(terminal, argument, async (ports, orgId) => {
        const { userId } = await findUser(ports, orgId, named);
        const ttlSeconds = /^\d{1,4}$/.test(seconds ?? '') ? Number(seconds) : Number.NaN;
        const parameters = readImpersonation({ orgId, userId, reason, ttlSeconds });
        const opened = await impersonate(ports, parameters, null, PATIENT);
        const { token, expiresAt, email } = opened;
        await output.record({ user_id: userId, email, token, expires_at: instant(expiresAt) }, json);
      }),
    );

  function update(argument: string, named: string, given: Partial<typeof NO_CHANGE | object>, json?: boolean) {
    return withOrganization(terminal, argument, async (ports, orgId) => {
      const { userId } = await findUser(ports, orgId, named);
      const updateMask = Object.keys(given).map((name) => MASK_NAMES[name] ?? name);
      const parameters = readUserUpdate({ ...NO_CHANGE, ...given, orgId, userId, updateMask });
      const changed = await updateUser(ports, parameters, null);
      await output.record({ ...managedRow(changed.user), ended_sessions: changed.endedSessions }, json ?? false);
    });
  }
}

/** Names of fields as a mask has them, where they differ. */
const MASK_NAMES: Readonly<Record<string, string>> = {
  emailVerified: 'email_verified',
  publicMetadata: 'public_metadata',
  privateMetadata: 'private_metadata',
};

function rolesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(',').map((role) => role.trim());
}

function managedRow({ userId, email, fullname, createdAt, emailVerifiedAt, roles }: UserRecord): Row {
  return {
    user_id: userId,
    email,
    fullname,
    created_at: instant(createdAt),
    email_verified_at: instant(emailVerifiedAt),
    roles: roles.join(','),
  };
}
