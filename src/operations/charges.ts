import type { Message } from '@bufbuild/protobuf';
import { parseIpAddress } from '../domain/ip-address.ts';
import type { Charge, LimitName } from '../domain/limits/rate-limit.ts';
import { networkOf } from '../domain/network-of.ts';
import type { IdentifiedTenant } from '../domain/tenant.ts';
import type { Principal } from './access.ts';
import type { IncomingCall } from './call.ts';

/** A call whose caller is known. */
export interface ChargedCall {
  readonly caller: Principal;
  /** As it was sent. */
  readonly message: Message & { readonly clientIp?: unknown };
  readonly call: Pick<IncomingCall, 'peerAddress' | 'forwardedAddress'>;
}

/**
 * What a call is charged to before its rules run; nothing where it is not limited. A class of callers never takes from the bucket of
 * another (docs/security.md, L1).
 */
export type Charges = (call: ChargedCall) => readonly Charge[];

/** FooBar: by its key; without one by the address it came from, never by whom it asks for: that would be a victim's. */
export const fooBarCharges: Charges = ({ caller, call }) => {
  const tenant = tenantOf(caller);
  return tenant === null
    ? [
        { limit: 'foobar_keyless', key: networkOf(call.peerAddress()) },
        { limit: 'foobar_keyless_total', key: '' },
      ]
    : [{ limit: 'foobar', key: keyOf(tenant) }];
};

/** SignUp: by its key, and by the person who signs up. */
export const signUpCharges: Charges = (charged) => tenantCharges('signup', charged);

/** Login: by its key or, without one, its organization, and by the person who logs in. */
export const loginCharges: Charges = (charged) => tenantCharges('login', charged);

/** What asks for a mail: by the organization and class of its caller, and by the person who asks. */
export const mailRequestCharges: Charges = (charged) => {
  const tenant = tenantOf(charged.caller);
  return tenant === null ? [] : chargesOf('mail_request', `${tenant.callerClass} ${tenant.orgId}`, tenant, charged);
};

/** CreateOrganization where anybody may; the administrator is not limited. */
export const organizationCharges: Charges = ({ caller, call }) =>
  caller === null
    ? [
        { limit: 'organizations', key: networkOf(call.peerAddress()) },
        { limit: 'organizations_total', key: '' },
      ]
    : [];

function tenantCharges(limit: 'signup' | 'login', charged: ChargedCall): readonly Charge[] {
  const tenant = tenantOf(charged.caller);
  return tenant === null ? [] : chargesOf(limit, keyOf(tenant), tenant, charged);
}

function chargesOf(limit: LimitName, key: string, tenant: IdentifiedTenant, charged: ChargedCall): readonly Charge[] {
  const address = personAddress(tenant, charged);
  const charge: Charge = { limit, key };
  const owner = `${tenant.callerClass} ${tenant.orgId}`;
  return address === null ? [charge] : [charge, { limit: 'person', key: `${owner} ${networkOf(address)}`, owner }];
}

/**
 * Of the person behind the call; null where nobody who is to be believed says it. A backend's own key vouches for its `client_ip`,
 * listed proxies for whom they pass on. Whoever shows the key that tokens hold is neither: that may be a backend, whose address is
 * that of all its people, or anybody who names whom he likes.
 */
function personAddress({ callerClass }: IdentifiedTenant, { message, call }: ChargedCall): string | null {
  switch (callerClass) {
    case 'private_key':
      return parseIpAddress(String(message.clientIp ?? ''));
    case 'token_key':
      return null;
    case 'no_key':
      return call.forwardedAddress();
  }
}

function tenantOf(caller: Principal): IdentifiedTenant | null {
  return caller !== null && 'callerClass' in caller ? caller : null;
}

/** Ids of keys and of organizations are no two's. */
function keyOf({ callerClass, keyId, orgId }: IdentifiedTenant): string {
  return `${callerClass} ${keyId ?? orgId}`;
}
