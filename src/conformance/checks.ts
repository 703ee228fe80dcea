import type { Check, EntranceCheck, GrpcPort, HttpPort, SettingsCheck } from './check.ts';
import { ACCOUNT_MAIL_CHECKS } from './checks/account-mails.ts';
import { ACCOUNT_SESSION_CHECKS } from './checks/account-sessions.ts';
import { ACCOUNT_CHECKS } from './checks/accounts.ts';
import { BROWSER_CHECKS } from './checks/browsers.ts';
import { CALL_CHECKS } from './checks/calls.ts';
import { ENVELOPE_CHECKS } from './checks/envelope.ts';
import { ERROR_CHECKS } from './checks/errors.ts';
import { GRPC_CHECKS } from './checks/grpc-services.ts';
import { OPERATION_CHECKS } from './checks/http-operations.ts';
import { PARAMETER_CHECKS } from './checks/http-parameters.ts';
import { ROUTE_CHECKS } from './checks/http-routes.ts';
import { KEY_CHECKS } from './checks/keys.ts';
import { SETTINGS_CHECKS as LOGIN_SETTINGS_CHECKS } from './checks/login-settings.ts';
import { MANAGED_CHECKS as MANAGED_LOGIN_CHECKS } from './checks/managed-logins.ts';
import { MANAGEMENT_CHECKS } from './checks/management.ts';
import { NONCE_CHECKS } from './checks/nonces.ts';
import { ORDER_CHECKS } from './checks/order.ts';
import { SECOND_FACTOR_CHECKS } from './checks/second-factors.ts';
import { SESSION_CHECKS } from './checks/sessions.ts';
import { TOKEN_CHECKS } from './checks/tokens.ts';
import { USER_ACCESS_CHECKS } from './checks/user-access.ts';
import { USER_SESSION_CHECKS } from './checks/user-sessions.ts';
import { USER_CHECKS } from './checks/users.ts';
import { VALUE_CHECKS } from './checks/values.ts';
import type { Desk } from './desk.ts';
import type { ManagedVisit } from './managed-visit.ts';

/** Asked through every entrance. */
export const ENTRANCE_CHECKS: readonly EntranceCheck[] = [
  ...CALL_CHECKS,
  ...VALUE_CHECKS,
  ...KEY_CHECKS,
  ...ORDER_CHECKS,
  ...NONCE_CHECKS,
  ...SESSION_CHECKS,
  ...ENVELOPE_CHECKS,
  ...ERROR_CHECKS,
  ...ACCOUNT_CHECKS,
  ...TOKEN_CHECKS,
  ...BROWSER_CHECKS,
  ...ACCOUNT_MAIL_CHECKS,
  ...SECOND_FACTOR_CHECKS,
  // The last of these removes the user that each entrance has of its own.
  ...ACCOUNT_SESSION_CHECKS,
];

/** Asked of the HTTP port by bare requests. */
export const HTTP_PORT_CHECKS: readonly Check<HttpPort>[] = [
  ...ROUTE_CHECKS,
  ...PARAMETER_CHECKS,
  ...MANAGEMENT_CHECKS,
  ...OPERATION_CHECKS,
];

/** Asked of UserService where there is a management key: through every entrance but `/auth`, and by `/organizations`. */
export const DESK_CHECKS: readonly Check<Desk>[] = [...USER_CHECKS, ...USER_SESSION_CHECKS, ...USER_ACCESS_CHECKS];

/** Asked through every entrance where there is a management key. */
export const MANAGED_CHECKS: readonly Check<ManagedVisit>[] = MANAGED_LOGIN_CHECKS;

/** Asked through every entrance where there is a management key, one after the other, when nothing else is asked any more. */
export const SETTINGS_CHECKS: readonly SettingsCheck[] = LOGIN_SETTINGS_CHECKS;

/** Asked of the gRPC port beside the calls. */
export const GRPC_PORT_CHECKS: readonly Check<GrpcPort>[] = GRPC_CHECKS;
