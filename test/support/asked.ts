import type { ProvenCallInput } from '../../src/domain/accounts/account-session.ts';
import * as mailRequests from '../../src/domain/accounts/ask-for-mail.ts';
import * as emailChanges from '../../src/domain/accounts/change-email.ts';
import * as deletions from '../../src/domain/accounts/delete-account.ts';
import * as forgottenPasswords from '../../src/domain/accounts/forgot-password.ts';
import * as accounts from '../../src/domain/accounts/me.ts';
import * as resets from '../../src/domain/accounts/reset-password.ts';
import * as verificationEmails from '../../src/domain/accounts/send-verification-email.ts';
import * as emailWarnings from '../../src/domain/accounts/undo-email-change.ts';
import * as profiles from '../../src/domain/accounts/update-profile.ts';
import * as verifications from '../../src/domain/accounts/verify-email.ts';
import * as passwords from '../../src/domain/auth/change-password.ts';
import * as nonces from '../../src/domain/auth/foo-bar.ts';
import * as logins from '../../src/domain/auth/login.ts';
import * as logouts from '../../src/domain/auth/logout.ts';
import type { SessionInput } from '../../src/domain/auth/session.ts';
import * as signUps from '../../src/domain/auth/sign-up.ts';
import * as validations from '../../src/domain/auth/validate.ts';
import * as keys from '../../src/domain/organizations/api-key.ts';
import * as organizations from '../../src/domain/organizations/organization.ts';
import type { PageInput } from '../../src/domain/page.ts';
import type { CallContext, Ports } from '../../src/domain/ports.ts';
import * as mySessionEndings from '../../src/domain/sessions/end-my-sessions.ts';
import * as mySessions from '../../src/domain/sessions/list-my-sessions.ts';
import * as renewals from '../../src/domain/sessions/renew-session.ts';
import * as sessions from '../../src/domain/sessions/session-administration.ts';
import { identifyTenant, requireIdentifiedTenant, requireKeyTenant } from '../../src/domain/tenant.ts';
import * as users from '../../src/domain/users/user.ts';

/*
 * The use cases as callers meet them: the parameters are read, then the caller is identified, then the rules are asked.
 * Rejected as a call would be.
 */

/** Of whom nobody tells anything, and who waits. */
const UNKNOWN_CALLER: CallContext = { isAbandoned: () => false };

/** Most logins bring no sign of a known device. */
type AskedLogin = Omit<logins.LoginInput, 'sessionToken'> & Partial<logins.LoginInput>;

/** Most users have no second factor. */
type Codeless<Input extends { readonly code: string }> = Omit<Input, 'code'> & { readonly code?: string };

/** Most resets come by a mail. */
type AskedReset = Omit<resets.ResetPasswordInput, 'currentPassword'> & Partial<resets.ResetPasswordInput>;

export async function fooBar(ports: Ports, input: nonces.FooBarInput) {
  const parameters = nonces.readFooBar(input, ports.rules);
  return nonces.fooBar(ports, parameters, await identifyTenant(ports, parameters));
}

export async function signUp(ports: Ports, input: signUps.SignUpInput, call: CallContext) {
  const parameters = signUps.readSignUp(input, ports.rules);
  return signUps.signUp(ports, parameters, await requireKeyTenant(ports, parameters), call);
}

export async function login(ports: Ports, input: AskedLogin, call: CallContext) {
  const parameters = logins.readLogin({ sessionToken: '', ...input }, ports.rules);
  return logins.login(ports, parameters, await requireIdentifiedTenant(ports, parameters), call);
}

export async function validate(ports: Ports, input: SessionInput, call: CallContext = UNKNOWN_CALLER) {
  const parameters = validations.readSession(input, ports.rules);
  return validations.validate(ports, parameters, await identifyTenant(ports, parameters), call);
}

export async function me(ports: Ports, input: SessionInput, call: CallContext = UNKNOWN_CALLER) {
  const parameters = accounts.readMe(input, ports.rules);
  return accounts.me(ports, parameters, await identifyTenant(ports, parameters), call);
}

export async function renewSession(ports: Ports, input: SessionInput, call: CallContext = UNKNOWN_CALLER) {
  const parameters = renewals.readOwnSession(input, ports.rules);
  return renewals.renewSession(ports, parameters, await identifyTenant(ports, parameters), call);
}

export async function listMySessions(ports: Ports, input: SessionInput, call: CallContext = UNKNOWN_CALLER) {
  const parameters = renewals.readOwnSession(input, ports.rules);
  return mySessions.listMySessions(ports, parameters, await identifyTenant(ports, parameters), call);
}

export async function endMySessions(
  ports: Ports,
  input: SessionInput & { readonly sessionId?: string },
  call: CallContext = UNKNOWN_CALLER,
) {
  const parameters = mySessionEndings.readEndMySessions({ sessionId: '', ...input }, ports.rules);
  return mySessionEndings.endMySessions(ports, parameters, await identifyTenant(ports, parameters), call);
}

export async function updateProfile(
  ports: Ports,
  input: profiles.UpdateProfileInput,
  call: CallContext = UNKNOWN_CALLER,
) {
  const parameters = profiles.readUpdateProfile(input, ports.rules);
  return profiles.updateProfile(ports, parameters, await identifyTenant(ports, parameters), call);
}

export async function changePassword(ports: Ports, input: Codeless<passwords.ChangePasswordInput>, call: CallContext) {
  const parameters = passwords.readChangePassword({ code: '', ...input }, ports.rules);
  return passwords.changePassword(ports, parameters, await identifyTenant(ports, parameters), call);
}

export async function logout(ports: Ports, input: SessionInput) {
  const parameters = validations.readSession(input, ports.rules);
  return logouts.logout(ports, parameters, await identifyTenant(ports, parameters));
}

export const createOrganization = async (ports: Ports, input: organizations.CreateOrganizationInput) =>
  organizations.createOrganization(ports, organizations.readNewOrganization(input));

export const getOrganization = async (ports: Ports, input: organizations.OrganizationInput) =>
  organizations.getOrganization(ports, organizations.readOrganization(input));

export const listOrganizations = async (ports: Ports, input: PageInput) =>
  organizations.listOrganizations(ports, organizations.readOrganizationPage(input));

export const closeOrganization = async (ports: Ports, input: organizations.OrganizationInput) =>
  organizations.closeOrganization(ports, organizations.readOrganization(input));

export const reopenOrganization = async (ports: Ports, input: organizations.OrganizationInput) =>
  organizations.reopenOrganization(ports, organizations.readOrganization(input));

export const createApiKey = async (ports: Ports, input: keys.CreateApiKeyInput) =>
  keys.createApiKey(ports, keys.readNewApiKey(input));

export const listApiKeys = async (ports: Ports, input: keys.ListApiKeysInput) =>
  keys.listApiKeys(ports, keys.readApiKeyPage(input));

export const revokeApiKey = async (ports: Ports, input: keys.RevokeApiKeyInput) =>
  keys.revokeApiKey(ports, keys.readRevocation(input));

export const listUsers = async (ports: Ports, input: users.ListUsersInput) =>
  users.listUsers(ports, users.readUserPage(input));

export const disableUser = async (ports: Ports, input: users.UserInput) =>
  users.disableUser(ports, users.readUser(input));

export const enableUser = async (ports: Ports, input: users.UserInput) =>
  users.enableUser(ports, users.readUser(input));

export const deleteUser = async (ports: Ports, input: users.UserInput) =>
  users.deleteUser(ports, users.readUser(input));

export const listSessions = async (ports: Ports, input: sessions.ListSessionsInput) =>
  sessions.listSessions(ports, sessions.readSessionPage(input));

export const revokeSession = async (ports: Ports, input: sessions.SessionInput) =>
  sessions.revokeSession(ports, sessions.readSessionName(input));

export const revokeUserSessions = async (ports: Ports, input: users.UserInput) =>
  sessions.revokeUserSessions(ports, users.readUser(input));

export async function forgotPassword(ports: Ports, input: mailRequests.AskForMailInput) {
  const parameters = mailRequests.readAskForMail(input);
  return forgottenPasswords.forgotPassword(ports, parameters, await requireKeyTenant(ports, parameters));
}

export async function sendVerificationEmail(ports: Ports, input: mailRequests.AskForMailInput) {
  const parameters = mailRequests.readAskForMail(input);
  return verificationEmails.sendVerificationEmail(ports, parameters, await requireKeyTenant(ports, parameters));
}

export const verifyEmail = async (ports: Ports, input: verifications.VerifyEmailInput) =>
  verifications.verifyEmail(ports, verifications.readVerifyEmail(input));

export const undoEmailChange = async (ports: Ports, input: verifications.VerifyEmailInput) =>
  emailWarnings.undoEmailChange(ports, verifications.readVerifyEmail(input));

export const resetPassword = async (ports: Ports, input: AskedReset, call: CallContext) =>
  resets.resetPassword(ports, resets.readResetPassword({ currentPassword: '', ...input }, ports.rules), call);

export async function changeEmail(ports: Ports, input: Codeless<emailChanges.ChangeEmailInput>, call: CallContext) {
  const parameters = emailChanges.readChangeEmail({ code: '', ...input }, ports.rules);
  return emailChanges.changeEmail(ports, parameters, await requireIdentifiedTenant(ports, parameters), call);
}

export async function deleteAccount(ports: Ports, input: Codeless<ProvenCallInput>, call: CallContext) {
  const parameters = deletions.readDeleteAccount({ code: '', ...input }, ports.rules);
  return deletions.deleteAccount(ports, parameters, await requireIdentifiedTenant(ports, parameters), call);
}
