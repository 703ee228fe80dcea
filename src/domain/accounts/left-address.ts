import { SEND_FOR_MS } from '../mail/mail.ts';
import { MAIL_TOKEN_TTL_SECONDS } from './mail-token.ts';

/** An address that a user was moved from, and may go back to. */
export interface LeftAddress {
  /** Normalized. */
  readonly email: string;
  /** Milliseconds since 1970. */
  readonly leftAt: number;
}

/** Which of a user's addresses a warning leads back to. */
export interface WayBack {
  readonly email: string;
  readonly addressVersion: number;
}

/**
 * How long an address that was left is nobody else's, in milliseconds: as long as a warning of it can be good, which was asked for
 * before, but may be sent for a day yet.
 */
export const KEEP_LEFT_ADDRESSES_MS = SEND_FOR_MS + MAIL_TOKEN_TTL_SECONDS.email_change_warning * 1000;

/**
 * Whether a warning leads somewhere: to the address that the user still has, so that a change which is asked for is void, or to one
 * that was left. `left`: what there is of that version. A way back that was taken takes along those from later addresses, never those
 * from earlier ones: whoever has a later mailbox must not be able to cut off whoever has an earlier one.
 */
export function leadsBack(
  { email, addressVersion }: WayBack,
  user: WayBack,
  left: LeftAddress | null,
  at: number,
): boolean {
  if (addressVersion === user.addressVersion) {
    return email === user.email;
  }
  return left !== null && left.email === email && Math.abs(at - left.leftAt) < KEEP_LEFT_ADDRESSES_MS;
}
