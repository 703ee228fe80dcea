import { AuthError } from '../domain/errors.ts';

/** What a call is told that arrives while the server stops. */
export function stoppingError(): AuthError {
  return new AuthError('UNAVAILABLE', { message: 'The server is stopping. Nothing was done.' });
}
