import { X509Certificate } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { TlsSettings } from '../config/settings.ts';
import { SettingsError } from '../config/settings-error.ts';
import { readTlsFiles } from '../config/tls-files.ts';
import { errorFields, type Logger } from '../observability/logger.ts';

/** How often the files are looked at. Looking is needed in any case: no event of a folder tells of every way to replace a file. */
const LOOK_EVERY_MS = 2_000;

/** What a reload works with. */
export interface TlsReloadOptions {
  /** As the start read them. */
  readonly tls: TlsSettings;
  readonly logger: Logger;
  /** Puts new certificates to use, or throws and leaves the old ones. */
  use(tls: TlsSettings, change: { readonly isNewClientCa: boolean }): void;
}

/** Keeps the certificates of a server up to date with their files. */
export interface TlsReload {
  /** Reads the files now, and tells the log what came of it, whatever that is. */
  reload(): Promise<void>;
  /** When the certificate that is in use ends, in seconds since 1970. */
  certificateEndsAt(): number;
  /** Ends the looking. */
  stop(): Promise<void>;
}

/**
 * Takes changed files by itself: replaced ones, renamed ones and what symbolic links point to now. A pair that does not fit
 * together, as while it is being replaced, or that cannot be read, leaves the old one in use; it is tried again at every
 * look, and the log is told once of each reason. Never holds the process open.
 */
export function startTlsReload(options: TlsReloadOptions): TlsReload {
  const files = new TlsFiles(options);
  let last = Promise.resolve();
  const look = (isAsked: boolean): Promise<void> => {
    last = last.then(() => files.look(isAsked));
    return last;
  };
  const timer = setInterval(() => look(false), LOOK_EVERY_MS).unref();
  return {
    reload: () => look(true),
    certificateEndsAt: () => files.certificateEndsAt,
    async stop() {
      clearInterval(timer);
      await last;
    },
  };
}

class TlsFiles {
  readonly #options: TlsReloadOptions;
  #tls: TlsSettings;
  /** The state of the files at the last look that read them. */
  #state: string | null = null;
  #fault: string | null = null;
  #certificateEndsAt: number;

  constructor(options: TlsReloadOptions) {
    this.#options = options;
    this.#tls = options.tls;
    this.#certificateEndsAt = endOf(options.tls).getTime() / 1000;
  }

  get certificateEndsAt(): number {
    return this.#certificateEndsAt;
  }

  /** One at a time. Never rejected. */
  async look(isAsked: boolean): Promise<void> {
    const state = await stateOf(this.#tls);
    if (!isAsked && state === this.#state && this.#fault === null) {
      return;
    }
    this.#state = state;
    try {
      const tls = readTlsFiles(this.#tls);
      if ((await stateOf(tls)) !== state && !isAsked) {
        // Still being written: the next look finds another state.
        return;
      }
      this.#take(tls, isAsked);
    } catch (error) {
      this.#refuse(error, isAsked);
    }
  }

  #take(tls: TlsSettings, isAsked: boolean): void {
    const isNewClientCa = tls.clientCa?.pem !== this.#tls.clientCa?.pem;
    const isNew = isNewClientCa || tls.cert.pem !== this.#tls.cert.pem || tls.key.pem !== this.#tls.key.pem;
    if (isNew) {
      this.#options.use(tls, { isNewClientCa });
      this.#tls = tls;
      this.#certificateEndsAt = endOf(tls).getTime() / 1000;
    }
    if (isNew || isAsked || this.#fault !== null) {
      const expiresAt = endOf(tls).toISOString();
      this.#options.logger.info('tls_reloaded', {
        changed: isNew,
        client_ca_changed: isNewClientCa,
        expires_at: expiresAt,
      });
    }
    this.#fault = null;
  }

  #refuse(error: unknown, isAsked: boolean): void {
    const fields = error instanceof SettingsError ? { reason: error.message } : errorFields(error);
    const fault = JSON.stringify(fields);
    if (isAsked || fault !== this.#fault) {
      this.#options.logger.error('tls_not_reloaded', fields);
    }
    this.#fault = fault;
  }
}

/** That of the server: the first one of the file. */
function endOf({ cert }: TlsSettings): Date {
  return new X509Certificate(cert.pem).validToDate;
}

/** Which files the paths lead to, through symbolic links, and what would change with any of their bytes. */
async function stateOf({ cert, key, clientCa }: TlsSettings): Promise<string> {
  const paths = [cert, key, clientCa].flatMap((file) => (file === null ? [] : [file.path]));
  const states = await Promise.all(
    paths.map((path) =>
      stat(path, { bigint: true }).then(
        ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(':'),
        () => 'closed',
      ),
    ),
  );
  return states.join(' ');
}
