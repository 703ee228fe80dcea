/** The roles that a row keeps as text, in the order in which they were given. */
export function rolesOf(text: string): readonly string[] {
  return text === '' ? NONE : text.split(' ');
}

/** Roles as a row keeps them: none holds a space. */
export function rolesText(roles: readonly string[]): string {
  return roles.join(' ');
}

const NONE: readonly string[] = Object.freeze([]);
