import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import { TELLING_REASONS } from '../domain/auth/hidden-users.ts';
import type { Rules } from '../domain/ports.ts';
import { NEW_PASSWORD } from './auth.ts';
import type { Bounds, Operation, RestDescription, Service } from './operation.ts';

/** The rules that change how calls under `/auth` are asked. */
export type AuthRules = Pick<
  Rules,
  'takesGet' | 'hidesUsers' | 'requiresApiKey' | 'requiresCurrentPassword' | 'passwordPolicy'
>;

/** The calls of a service under `/auth` as a server with these rules takes and describes them. */
export function authUnder(service: Service, rules: AuthRules): Service {
  return { ...service, operations: service.operations.map((operation) => operationUnder(operation, rules)) };
}

function operationUnder(operation: Operation, rules: AuthRules): Operation {
  const { rest, reasons } = operation;
  return {
    ...operation,
    rest: {
      ...rest,
      methods: rest.methods.filter((method) => method !== 'GET' || rules.takesGet),
      required: requiredUnder(operation, rules),
      bounds: boundsUnder(rest, rules),
      // What it says is which of the key and the organization may be left out.
      ...(rules.requiresApiKey && takes(operation, 'api_key') ? { note: 'The api_key is required.' } : {}),
    },
    reasons: rules.hidesUsers ? reasons.filter((reason) => !TELLING_REASONS.has(reason)) : reasons,
  };
}

function requiredUnder(operation: Operation, rules: AuthRules): readonly string[] {
  const { method, rest } = operation;
  // Elsewhere a fresh login does in its place.
  const demandsPassword = rules.requiresCurrentPassword && method === AuthService.method.changePassword;
  const demanded = [
    ...(rules.requiresApiKey && takes(operation, 'api_key') ? ['api_key'] : []),
    ...(demandsPassword ? ['currentPassword'] : []),
  ];
  return [...new Set([...(rest.required ?? []), ...demanded])];
}

function takes({ method }: Operation, name: string): boolean {
  return method.input.fields.some(({ jsonName }) => jsonName === name);
}

/** Every bound of a new password is that of the policy. */
function boundsUnder(
  { bounds = {} }: RestDescription,
  { passwordPolicy }: AuthRules,
): Readonly<Record<string, Bounds>> {
  const { minCodePoints: minLength, maxCodePoints: maxLength } = passwordPolicy;
  return Object.fromEntries(
    Object.entries(bounds).map(([name, bound]) => [name, bound === NEW_PASSWORD ? { minLength, maxLength } : bound]),
  );
}
