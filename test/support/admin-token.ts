/** The admin token of every store here that is given one. */
export const ADMIN_TOKEN = `afadm_${'A'.repeat(43)}`;
