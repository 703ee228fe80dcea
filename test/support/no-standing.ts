/** What tokens say of users who have nothing: no roles, an address that nobody has proven, and nobody acts in their place. */
export const NO_STANDING = { actor: null, emailVerified: false, roles: [] } as const;
