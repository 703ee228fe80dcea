/** Which side of a connection is asked about. */
export interface Attempted {
  readonly isSecure: boolean;
  /** Whether the other side never said anything that could be understood. */
  readonly isMute: boolean;
}

/** By the codes of Node, of OpenSSL behind it and of undici, which is Node's fetch. */
const SENTENCES: ReadonlyArray<readonly [RegExp, string]> = [
  [/^ECONNREFUSED$/, 'the connection was refused'],
  [/^ENOTFOUND$/, 'there is no such host'],
  [/^EAI_AGAIN$/, 'the name of the host could not be looked up'],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, 'connecting took too long'],
  [/^E(HOST|NET)(UNREACH|DOWN)$/, 'there is no way to the host'],
  [/^CERT_HAS_EXPIRED$/, 'its certificate is not trusted: it has expired'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is not trusted: it is of another host'],
  [/^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)$/, 'its certificate is not trusted: it is self-signed'],
  [/^(UNABLE_TO_|CERT_|CRL_|INVALID_CA|HOSTNAME_MISMATCH|ERR_TLS_CERT)/, 'its certificate is not trusted'],
  [/^ERR_SSL_.*ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)$/, 'it asks for a client certificate'],
  [/^ERR_SSL_.*ALERT/, 'it refused TLS or the client certificate'],
  [/^(ERR_SSL_|EPROTO$)/, 'it answered TLS with something else: it may speak clear text (http://)'],
];

/** A sentence about why there was no reply, from an error of Node or of a fetch and its causes. */
export function connectionCause(error: unknown, { isSecure, isMute }: Attempted): string {
  const chain = causes(error);
  const codes = chain.map(codeOf);
  for (const [pattern, sentence] of SENTENCES) {
    const code = codes.find((each) => pattern.test(each));
    if (code !== undefined) {
      return `${sentence} (${code})`;
    }
  }
  if (isMute) {
    return isSecure
      ? 'it ended the connection: it may not speak TLS, or want another client certificate'
      : 'it does not answer in clear text: it may want TLS (https://)';
  }
  const last = chain.at(-1);
  return `the connection broke (${codes.findLast((code) => code !== '') ?? (last instanceof Error ? last.message : 'no reason given')})`;
}

/** An error and what lies below it, of several attempts the last. */
function causes(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let each = error; each !== undefined && each !== null && !chain.includes(each); ) {
    chain.push(each);
    if (each instanceof AggregateError) {
      each = each.errors.at(-1);
    } else {
      each = each instanceof Error ? each.cause : undefined;
    }
  }
  return chain;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
