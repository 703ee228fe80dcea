/** What a port needs to speak TLS: certificates in PEM. With `clientCa` every client must show a certificate of it. */
export interface TlsCertificates {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | null;
}
