import { InvalidValue, isLoopback } from './values.ts';

/** A mail server, and how it is spoken to. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** `implicit`: from the first byte on. `starttls`: demanded before anything is said. `none`: within this machine. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly credentials: { readonly user: string; readonly password: string } | null;
}

/** RFC 6409, 3.1: submission; RFC 8314, 7.3: submissions. */
const PORTS = { 'smtp:': 587, 'smtps:': 465 } as const;

const FORM = 'must be smtp:// or smtps://, USER:PASSWORD@ where the server asks for them, HOST, and :PORT';

/** The bytes of AUTHFLOW_SMTP_URL. No sentence quotes them: they hold a password. */
export function smtpUrl(bytes: Uint8Array): SmtpSettings {
  const url = URL.parse(Buffer.from(bytes).toString());
  if (url === null || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') || url.hostname === '') {
    throw new InvalidValue(FORM);
  }
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '' || url.port === '0') {
    throw new InvalidValue(`${FORM}; nothing comes after these`);
  }
  if ((url.username === '') !== (url.password === '')) {
    throw new InvalidValue('must hold both a user and a password, or neither');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: url.port === '' ? PORTS[url.protocol] : Number(url.port),
    tls: url.protocol === 'smtps:' ? 'implicit' : isLoopback(host) ? 'none' : 'starttls',
    credentials: url.username === '' ? null : { user: decoded(url.username), password: decoded(url.password) },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new InvalidValue('must have each character of the user and password that is not plain as % and two digits');
  }
}
