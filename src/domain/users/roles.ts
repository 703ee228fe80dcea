/** The roles that a row keeps as text, in the order in which they were given. */
export function rolesOf(text: string): readonly string[] {
  return text === '' ? NONE : text.split(' ');
}

/** Roles as a row keeps them: none holds a space. */
export function rolesText(roles: readonly string[]): string {
  return roles.join(' ');
}

/** RBAC's usual words, and names such as `billing:read`. */
const ROLE = /^[a-z][a-z0-9_.:-]{0,63}$/;
const MOST_ROLES = 16;

/** Whether a text can be a role. */
export function isRole(text: string): boolean {
  return ROLE.test(text);
}

/** What is wrong with a user's roles, as the end of a sentence; null for nothing. */
export function faultOfRoles(roles: readonly string[]): string | null {
  if (roles.length > MOST_ROLES) {
    return `must be at most ${MOST_ROLES}`;
  }
  if (!roles.every(isRole)) {
    return 'must each be a lower-case letter and at most 63 of a-z, 0-9 and _ . : -';
  }
  return new Set(roles).size === roles.length ? null : 'must each be there once';
}

const NONE: readonly string[] = Object.freeze([]);
