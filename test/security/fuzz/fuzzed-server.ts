import { ADMIN_TOKEN } from '../../support/admin-token.ts';
import { NO_LIMITS_ENVIRONMENT } from '../../support/limits.ts';
import { storeOfTest } from '../../support/stores.ts';
import { Backend } from '../backend.ts';
import { startWatchedServer, type WatchedServer } from '../frames/watched-server.ts';
import { createOrganization } from './fuzzed-world.ts';

/** A server of so many processes, whose admin token the fuzzers know and that hashes cheaply, over a store of what the project is for. */
export async function startFuzzedServer(workers = 1): Promise<WatchedServer> {
  const store = await storeOfTest();
  return startWatchedServer({
    tls: false,
    hashesCheaply: true,
    environment: {
      ...NO_LIMITS_ENVIRONMENT,
      ...store.environment,
      AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN,
      AUTHFLOW_WORKERS: String(workers),
    },
  });
}

/** A live session of a new user of a new organization. */
export async function newSession(server: WatchedServer, email: string) {
  const address = `http://127.0.0.1:${server.ports.http}`;
  const { api_key } = await createOrganization(address, ADMIN_TOKEN, `Organization of ${email}`);
  const backend = new Backend(address, api_key);
  await backend.signUp(email);
  return { email, sessionToken: (await backend.login(email)).field('token') };
}
