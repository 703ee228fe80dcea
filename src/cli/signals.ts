import { isatty } from 'node:tty';
import type { Environment } from '../config/environment.ts';
import type { Logger } from '../observability/logger.ts';
import { EXIT } from './exit-code.ts';
import { watchNpm } from './npm-parent.ts';
import { StopSignals } from './stop-signals.ts';

/** What listens to the signals of a server. */
export interface SignalsOptions {
  readonly env: Environment;
  readonly logger: Logger;
  /** SIGHUP: the files that the settings name are to be read again. */
  onReload(): void;
}

/**
 * Takes over the signals of this process. Fulfilled by what asks for a stop: SIGTERM, SIGINT, a terminal that was
 * closed, or an npm that ended before its server. A second signal ends the process at once.
 *
 * SIGUSR1 would open Node's debugger to every user of the machine, SIGUSR2 would end the process: neither does anything.
 */
export function untilStopAsked({ env, logger, onReload }: SignalsOptions): Promise<void> {
  const signals = new StopSignals();
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      const wish = signals.receive(signal);
      if (wish === 'force') {
        logger.warn('stop_forced', { signal });
        process.exit(EXIT.refused);
      }
      if (wish === 'stop') {
        logger.info('stopping', { signal });
        resolve();
      }
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    process.on('SIGHUP', () => {
      // The terminal that a server was started in sends it as it goes; nobody could stop the server from there.
      if (terminals.some((descriptor) => !isatty(descriptor))) {
        stop('SIGHUP');
      } else {
        onReload();
      }
    });
    for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) {
      process.on(signal, () => logger.info('signal_ignored', { signal }));
    }
    watchNpm(env, () => {
      logger.info('stopping', { cause: 'npm_ended' });
      resolve();
    });
  });
}
