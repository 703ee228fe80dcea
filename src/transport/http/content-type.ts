import { AuthError } from '../../domain/errors.ts';

/** A media type in lower case, without its parameters, with the charset that they name. */
export interface ContentType {
  /** '' where the header is none. */
  readonly mediaType: string;
  /** As it was written, without quotes; null when none is named. */
  readonly charset: string | null;
}

/**
 * Reads a `content-type` (RFC 9110, section 8.3). Of its parameters the charset alone is looked at, and what is sent
 * must be UTF-8, which it is known by in any case or quotes, with or without the hyphen.
 */
export function readContentType(header: string): ContentType {
  const semicolon = header.indexOf(';');
  if (semicolon === -1) {
    return { mediaType: header.trim().toLowerCase(), charset: null };
  }
  let charset: string | null = null;
  // One parameter, or nothing, after each semicolon.
  const parameter = /;[\t ]*(?:([!#$%&'*+.^_`|~\w-]+)=("(?:[^"\\]|\\.)*"|[^\t ;"]*))?[\t ]*/y;
  parameter.lastIndex = semicolon;
  while (parameter.lastIndex < header.length) {
    const match = parameter.exec(header);
    if (match === null) {
      return UNREADABLE;
    }
    const [, name, value = ''] = match;
    if (name?.toLowerCase() === 'charset') {
      const unquoted = unquote(value);
      if (charset !== null && charset !== unquoted) {
        return UNREADABLE;
      }
      charset = unquoted;
    }
  }
  return { mediaType: header.slice(0, semicolon).trim().toLowerCase(), charset };
}

/** UNSUPPORTED_MEDIA_TYPE for a charset other than UTF-8; null where there is nothing to refuse. */
export function charsetRefusal({ charset }: ContentType): AuthError | null {
  if (charset === null || /^utf-?8$/i.test(charset)) {
    return null;
  }
  const named = CHARSET_NAME.test(charset) ? ` ${charset}` : '';
  return new AuthError('UNSUPPORTED_MEDIA_TYPE', { message: `The charset${named} is not taken: send UTF-8.` });
}

const UNREADABLE: ContentType = { mediaType: '', charset: null };

/** Registered names are short (RFC 2978, section 2.3); a key or a token is longer, and no name is told that holds one. */
const CHARSET_NAME = /^[\w.:+-]{1,40}$/;

function unquote(value: string): string {
  if (value.startsWith('"')) {
    return value.slice(1, -1).replaceAll(/\\(.)/g, '$1');
  }
  return value.replace(/^'(.*)'$/, '$1');
}
