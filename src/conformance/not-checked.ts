/** A rule that the kit leaves out, and what it would need. */
export interface NotChecked {
  readonly rule: string;
  readonly why: string;
}

/** What a caller with one API key cannot bring about. */
export const NOT_CHECKED: readonly NotChecked[] = [
  { rule: 'NONCE_EXPIRED, SESSION_EXPIRED', why: 'takes as long as a nonce or a session lives' },
  { rule: 'revoked keys, closed organizations', why: 'takes an administrator' },
  { rule: 'keys, nonces and sessions of another organization', why: 'takes a second organization' },
  { rule: 'what OrganizationService and AuditService do', why: 'takes the admin token' },
  { rule: 'session calls with neither key nor org_id', why: 'depends on AUTHFLOW_OPEN_SIGNUP' },
  { rule: 'VerifyEmail, ResetPassword and ChangeEmail by a good token', why: 'takes the mail that holds it' },
  { rule: 'VerifyEmailCode by a good code', why: 'takes the mail that holds it' },
  { rule: 'a challenge, a new secret or the code of a mail that is too old', why: 'takes 10 minutes' },
  { rule: 'TOKEN_EXPIRED', why: 'takes as long as the token of a mail lives' },
  { rule: 'a login of more than 15 minutes ago is no fresh proof', why: 'takes 15 minutes' },
  { rule: 'what a management key may not', why: 'takes another key' },
  { rule: 'origins that are allowed', why: 'depends on AUTHFLOW_ALLOWED_ORIGINS' },
  { rule: 'the strict profile', why: 'the checks expect the profile compat' },
  { rule: 'RATE_LIMITED, OVERLOADED, ACCOUNT_LOCKED', why: 'takes load; the kit waits as it is told, and repeats' },
  { rule: 'DEADLINE_EXCEEDED, UNAVAILABLE, INTERNAL', why: 'takes a fault of the server' },
];

/** What it can with a management key. */
export const WITHOUT_MANAGEMENT_KEY: readonly NotChecked[] = [
  { rule: 'what UserService does, and roles and metadata of users', why: 'takes a management key' },
  { rule: 'USER_DISABLED', why: 'takes a management key' },
  { rule: 'PASSWORD_CHANGE_REQUIRED, EMAIL_NOT_VERIFIED, and codes of mails', why: 'takes a management key' },
  {
    rule: 'what require_verified_email, login_by_email and second_factor change of logins',
    why: 'takes a management key',
  },
  { rule: 'ACCESS_DENIED: a session that somebody opened in the place of its user', why: 'takes a management key' },
];
