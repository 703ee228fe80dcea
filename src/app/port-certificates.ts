import type { Settings, TlsSettings } from '../config/settings.ts';
import type { Logger } from '../observability/logger.ts';
import { checkCertificates, type TlsCertificates, type TlsRenewal } from '../transport/net/tls.ts';
import { startTlsReload, type TlsReload } from './tls-reload.ts';

/** Certificates that are kept up to date, of ports that may speak clear text. */
export interface PortCertificates extends Omit<TlsReload, 'certificateEndsAt'> {
  /** As {@link TlsReload.certificateEndsAt}; null in clear text. */
  certificateEndsAt(): number | null;
}

/** A port that takes other certificates while it is open. */
export interface RenewablePort {
  renew(renewal: TlsRenewal): void;
}

/** What the ports are given of the settings; null for clear text. */
export function certificatesOf({ tls }: Pick<Settings, 'tls'>): TlsCertificates | null {
  return tls === null ? null : pemOf(tls);
}

/**
 * Keeps the certificates of the ports up to date with their files. Connections of a client authority that was replaced end
 * within the drain timeout. In clear text a reload tells the log so, and does nothing else.
 */
export function keepUpToDate(
  ports: readonly RenewablePort[],
  { tls, drainTimeoutMs }: Settings,
  logger: Logger,
): PortCertificates {
  if (tls === null) {
    return {
      reload: async () => logger.info('tls_not_reloaded', { reason: 'Both ports speak clear text.' }),
      certificateEndsAt: () => null,
      stop: async () => undefined,
    };
  }
  return startTlsReload({
    tls,
    logger,
    use(renewed, { isNewClientCa }) {
      const certificates = pemOf(renewed);
      // All ports take them, or none does.
      checkCertificates(certificates);
      for (const port of ports) {
        port.renew({ certificates, endWithinMs: isNewClientCa ? drainTimeoutMs : null });
      }
    },
  });
}

function pemOf({ cert, key, clientCa }: TlsSettings): TlsCertificates {
  return { cert: cert.pem, key: key.pem, clientCa: clientCa?.pem ?? null };
}
