/** Whom the kit believes, and how it proves itself: PEM, by the names that the TLS options of Node have. */
export interface TargetTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** The server that is asked. */
export interface Target {
  /** The origin of the HTTP port, `http:` or `https:`; `https:` means TLS on the gRPC port too. */
  readonly baseUrl: URL;
  /** The gRPC port as HOST:PORT; null when it is not asked. */
  readonly grpcAddress: string | null;
  readonly tls: TargetTls;
}

/** Reads an origin. Null for anything that holds more, or is neither `http:` nor `https:`. */
export function parseBaseUrl(text: string): URL | null {
  if (!URL.canParse(text)) {
    return null;
  }
  const url = new URL(text);
  const isOrigin = url.href === `${url.origin}/` && /^https?:$/.test(url.protocol);
  return isOrigin ? url : null;
}
