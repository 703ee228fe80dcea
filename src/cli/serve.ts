import { KEY_IN_TOKENS } from '../app/api-key-claim.ts';
import { readPackageVersion } from '../app/package-version.ts';
import { exposedPaths } from '../app/private-paths.ts';
import { readSettings } from '../config/settings.ts';
import { ensureOrganization } from '../domain/organizations/organization.ts';
import { createLogger, errorFields, type Logger } from '../observability/logger.ts';
import type { Register, Terminal } from './command.ts';
import { EXIT } from './exit-code.ts';
import { type GreetedOrganization, greeting } from './greeting.ts';
import { listenFault } from './listen-fault.ts';
import { untilStopAsked } from './signals.ts';

interface ServeOptions {
  readonly org?: string;
}

/** `authflow serve`. */
export const register: Register = (program, terminal) => {
  program
    .command('serve')
    .description('run the server until SIGTERM or SIGINT; makes and migrates the store')
    .option('--org <NAME>', 'make this organization if it is missing, and print its first API key, once')
    .action((options: ServeOptions) => serve(terminal, options));
};

async function serve({ env, output }: Terminal, options: ServeOptions): Promise<void> {
  const settings = readSettings(env);
  const logger = createLogger({ level: settings.logLevel });
  surviveRejections(logger);
  // The files have just been read: what is asked for before the server runs is done.
  let reload = (): unknown => undefined;
  const stopAsked = untilStopAsked({ env, logger, onReload: () => reload() });

  const { startServer } = await import('../app/server.ts');
  const server = await startServer(settings, { logger }).catch((error: unknown) => {
    throw listenFault(error, settings) ?? error;
  });
  reload = () => server.reloadTls();
  for (const { path, mode, command } of exposedPaths(settings)) {
    logger.warn('open_to_others', { path, mode, command });
  }
  if (!settings.isApiKeyClaimChosen) {
    logger.warn('api_key_in_tokens', KEY_IN_TOKENS);
  }
  try {
    const organization = options.org === undefined ? null : await greetedOrganization(server.ports, options.org);
    const lines = greeting({
      version: readPackageVersion(),
      server,
      organization,
      showAdminToken: output.isTerminal,
    });
    await output.lines(...lines).catch((error: unknown) => logger.warn('greeting_not_printed', errorFields(error)));
    await stopAsked;
  } finally {
    await server.stop();
  }
}

async function greetedOrganization(
  ports: Parameters<typeof ensureOrganization>[0],
  name: string,
): Promise<GreetedOrganization> {
  const { organization, apiKey } = await ensureOrganization(ports, { name });
  return { orgId: organization.orgId, name: organization.name, isClosed: organization.closedAt !== null, apiKey };
}

function surviveRejections(logger: Logger): void {
  // A promise that nobody waited for: the calls that go on owe nothing to it (docs/security.md, R11).
  process.on('unhandledRejection', (reason) => logger.error('unhandled_rejection', errorFields(reason)));
  // After an exception that left its own call stack nothing can be trusted. Node would print its message.
  process.on('uncaughtException', (error) => {
    logger.error('uncaught_exception', errorFields(error));
    process.exit(EXIT.internal);
  });
}
