import { createSecureContext, type Server } from 'node:tls';

/** What a port needs to speak TLS: certificates in PEM. With `clientCa` every client must show a certificate of it. */
export interface TlsCertificates {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | null;
}

/** Certificates that take the place of others while a port is open. */
export interface TlsRenewal {
  readonly certificates: TlsCertificates;
  /**
   * Connections that were made under other authorities are ended, their open calls answered; those that have not
   * ended after so many milliseconds are cut off. Null: they stay.
   */
  readonly endWithinMs: number | null;
}

/** Throws where OpenSSL does not take the certificates. */
export function checkCertificates(certificates: TlsCertificates): void {
  createSecureContext(contextOptions(certificates));
}

/**
 * Handshakes that begin from now on use these. None of them resumes an older session: the keys of session tickets are new
 * with the context, and Node keeps no sessions beside it.
 */
export function useCertificates(server: Server, certificates: TlsCertificates): void {
  server.setSecureContext(contextOptions(certificates));
}

function contextOptions({ cert, key, clientCa }: TlsCertificates): { cert: string; key: string; ca?: string } {
  return { cert, key, ...(clientCa === null ? {} : { ca: clientCa }) };
}
