import { Code, ConnectError } from '@connectrpc/connect';
import { AuthError, type ErrorReason } from '../../domain/errors.ts';
import { unreadableError } from '../request-decoding.ts';
import { ACCEPTED_HEADERS } from './compression.ts';

/** Something that the library refuses by itself: told with the library's code, without a reason (docs/contract.md, section 2). */
export interface LibraryRefusal {
  readonly error: ConnectError;
  /** What the metrics count it as. */
  readonly countsAs: ErrorReason;
}

/**
 * What is told in place of the library's own refusals: they quote the request, and call a message that cannot be
 * read an internal error.
 */
export function refusalFor(code: Code): AuthError | LibraryRefusal {
  switch (code) {
    case Code.ResourceExhausted:
      return tooLarge();
    case Code.Unimplemented:
      return {
        error: new ConnectError(
          'The server takes one message, plain or compressed with gzip or deflate.',
          code,
          ACCEPTED_HEADERS,
        ),
        countsAs: 'UNSUPPORTED_MEDIA_TYPE',
      };
    default:
      return unreadableError();
  }
}

export function tooLarge(): LibraryRefusal {
  return {
    error: new ConnectError('The request message is larger than 64 KiB.', Code.ResourceExhausted),
    countsAs: 'PAYLOAD_TOO_LARGE',
  };
}

/** For a request that is of none of the protocols or in another charset; or first of all why it is refused anyway. */
export function contentTypeRefusal(refusal: AuthError | null, foreignCharset: AuthError | null): AuthError {
  if (refusal !== null && refusal.reason !== 'INVALID_ARGUMENT') {
    return refusal;
  }
  const message = 'The content type is none of gRPC, gRPC-Web or Connect.';
  return foreignCharset ?? new AuthError('UNSUPPORTED_MEDIA_TYPE', { message });
}
