import { Option } from 'commander';
import { KEY_IN_TOKENS } from '../app/api-key-claim.ts';
import { readPackageVersion } from '../app/package-version.ts';
import { exposedPaths } from '../app/private-paths.ts';
import type { RunningServer } from '../app/running-server.ts';
import type { Environment } from '../config/environment.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import { ensureOrganization } from '../domain/organizations/organization.ts';
import { createLogger, errorFields, type LineWriter, type Logger } from '../observability/logger.ts';
import { StandardError } from '../observability/standard-error.ts';
import type { Register, Terminal } from './command.ts';
import { EXIT } from './exit-code.ts';
import { type GreetedOrganization, greeting } from './greeting.ts';
import { listenFault } from './listen-fault.ts';
import { untilStopAsked } from './signals.ts';

interface ServeOptions {
  readonly org?: string;
  readonly worker?: boolean;
}

/** `authflow serve`. */
export const register: Register = (program, terminal) => {
  program
    .command('serve')
    .description('run the server until SIGTERM or SIGINT; makes and migrates the store')
    .option('--org <NAME>', 'make this organization if it is missing, and print its first API key, once')
    .addOption(new Option('--worker', 'serve for a supervisor, which starts this').hideHelp())
    .action(async (options: ServeOptions) => {
      if (options.worker) {
        const { serveAsWorker } = await import('./serve-worker.ts');
        await serveAsWorker(terminal);
      } else {
        await serve(terminal, options);
      }
    });
};

async function serve({ env, output }: Terminal, options: ServeOptions): Promise<void> {
  const settings = readSettings(env);
  const standardError = new StandardError();
  const logger = createLogger({ level: settings.logLevel, destination: standardError });
  surviveRejections(logger);
  // The files have just been read: what is asked for before the server runs is done.
  let reload = (): unknown => undefined;
  const stopAsked = untilStopAsked({ env, logger, onReload: () => reload() });

  const server = await start(settings, { env, logger, standardError }).catch((error: unknown) => {
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
      isStrict: settings.profile === 'strict',
    });
    await output.lines(...lines).catch((error: unknown) => logger.warn('greeting_not_printed', errorFields(error)));
    const failure = await Promise.race([stopAsked, server.failed]);
    if (failure instanceof Error) {
      throw failure;
    }
  } finally {
    await server.stop();
  }
}

interface Surroundings {
  readonly env: Environment;
  readonly logger: Logger;
  readonly standardError: LineWriter;
}

async function start(settings: Settings, { env, logger, standardError }: Surroundings): Promise<RunningServer> {
  if (settings.workers === 1) {
    const { startServer } = await import('../app/server.ts');
    return await startServer(settings, { logger });
  }
  const [{ startSupervisedServer }, { forkWorker }] = await Promise.all([
    import('../app/supervised-server.ts'),
    import('./fork-worker.ts'),
  ]);
  return await startSupervisedServer(settings, { logger, fork: () => forkWorker(env, standardError) });
}

async function greetedOrganization(
  ports: Parameters<typeof ensureOrganization>[0],
  name: string,
): Promise<GreetedOrganization> {
  const { organization, apiKey } = await ensureOrganization(ports, { name });
  return { orgId: organization.orgId, name: organization.name, isClosed: organization.closedAt !== null, apiKey };
}

/** What a rejection or exception that nobody handles does to a server. */
export function surviveRejections(logger: Logger): void {
  // A promise that nobody waited for: the calls that go on owe nothing to it (docs/security.md, R11).
  process.on('unhandledRejection', (reason) => logger.error('unhandled_rejection', errorFields(reason)));
  // After an exception that left its own call stack nothing can be trusted. Node would print its message.
  process.on('uncaughtException', (error) => {
    logger.error('uncaught_exception', errorFields(error));
    process.exit(EXIT.internal);
  });
}
