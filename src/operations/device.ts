import type { Message } from '@bufbuild/protobuf';
import { claimedText } from '../domain/audit/claimed-text.ts';
import { parseIpAddress } from '../domain/ip-address.ts';
import { type Device, UNKNOWN_DEVICE } from '../domain/sessions/device.ts';
import type { Principal } from './access.ts';
import type { IncomingCall } from './call.ts';

/** What a request may say of the person behind it, as it was sent. */
type Claims = Message & { readonly clientIp?: unknown; readonly userAgent?: unknown };

/**
 * With what a person makes a call, where whoever says so is believed: a backend with a key that was never in tokens, and listed proxies.
 * Who shows the key that tokens hold may be anybody.
 */
export function deviceOf(caller: Principal, message: Claims, call: Pick<IncomingCall, 'forwardedAddress'>): Device {
  const callerClass = caller === null ? 'no_key' : 'callerClass' in caller ? caller.callerClass : null;
  switch (callerClass) {
    case 'private_key':
      return { clientIp: parseIpAddress(String(message.clientIp ?? '')) ?? '', userAgent: programOf(message) };
    case 'no_key': {
      const clientIp = call.forwardedAddress();
      return clientIp === null ? UNKNOWN_DEVICE : { clientIp, userAgent: programOf(message) };
    }
    default:
      return UNKNOWN_DEVICE;
  }
}

function programOf({ userAgent }: Claims): string {
  return claimedText(String(userAgent ?? ''));
}
