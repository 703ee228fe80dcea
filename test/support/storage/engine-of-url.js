import { readSettings } from '../../../src/config/settings.ts';
import { engineOf } from '../../../src/storage/engine.ts';

/**
 * The engine of a database URL and of the AUTHFLOW_DATABASE_… variables of this process.
 * @param {string} url
 */
export function engineOfUrl(url) {
  const settings = Object.entries(process.env).filter(([name]) => name.startsWith('AUTHFLOW_DATABASE_'));
  return engineOf(
    readSettings({
      ...Object.fromEntries(settings),
      AUTHFLOW_DATABASE_URL: url,
      // Demanded beside PostgreSQL; a store is opened without them.
      AUTHFLOW_SECRET: 'a'.repeat(32),
      AUTHFLOW_ADMIN_TOKEN: `afadm_${'A'.repeat(43)}`,
    }).database,
    '0.1.0',
  );
}
