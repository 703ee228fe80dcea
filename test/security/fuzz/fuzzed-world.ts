import { Backend, PASSWORD, send } from '../backend.ts';
import type { Value } from './calls.ts';
import { factorValues } from './fuzzed-factors.ts';
import type { Known } from './requests.ts';

const PEOPLE = 8;

interface Person {
  readonly email: string;
  readonly sessionToken: string;
  readonly foobar: string;
  /** Who could sign up, and the nonce for that. */
  readonly newEmail: string;
  readonly newFoobar: string;
}

/**
 * Values with which every call succeeds. Calls use them up (nonces, sessions, keys), so they are made anew now and then;
 * those of management are of an organization that no other call uses.
 */
export async function knownOf(httpAddress: string, adminToken: string, generation: string): Promise<Known> {
  const tenant = await createOrganization(httpAddress, adminToken, `Used ${generation}`);
  const managed = await createOrganization(httpAddress, adminToken, `Managed ${generation}`);
  const backend = new Backend(httpAddress, tenant.api_key);
  const people = await Promise.all(Array.from({ length: PEOPLE }, (_, i) => person(backend, `${generation}-${i}`)));
  const stepped = { address: httpAddress, backend, orgId: tenant.org_id, adminToken };
  const factors = await factorValues(stepped, generation);
  const { key_id } = await management(httpAddress, adminToken, `/organizations/${managed.org_id}/keys`, {});
  return {
    adminToken,
    of(rpc, who): Readonly<Record<string, Value>> {
      const one = people[who % people.length];
      if (rpc.includes('Organization')) {
        return { org_id: managed.org_id, key_id: key_id ?? '', name: `Name ${who} ${generation}`, page_size: 10 };
      }
      const isNew = rpc.endsWith('SignUp');
      return {
        ...tenant,
        identity: one?.email ?? '',
        email: (isNew ? one?.newEmail : one?.email) ?? '',
        foobar: (isNew ? one?.newFoobar : one?.foobar) ?? '',
        sessionToken: one?.sessionToken ?? '',
        password: PASSWORD,
        newPassword: PASSWORD,
        fullname: 'Ada Lovelace',
        client_ip: '192.0.2.1',
        user_agent: 'Mozilla/5.0',
        ...factors(rpc),
      };
    },
  };
}

async function person(backend: Backend, name: string): Promise<Person> {
  const email = `${name}@example.com`;
  const newEmail = `new-${name}@example.com`;
  await backend.signUp(email);
  return {
    email,
    sessionToken: (await backend.login(email)).field('token'),
    foobar: await backend.nonce(email),
    newEmail,
    newFoobar: await backend.nonce(newEmail),
  };
}

/** Makes one by REST. */
export async function createOrganization(address: string, adminToken: string, name: string) {
  const { org_id = '', api_key = '' } = await management(address, adminToken, '/organizations', { name });
  return { org_id, api_key };
}

async function management(address: string, adminToken: string, path: string, body: object) {
  const reply = await send(address, path, { body, headers: { authorization: `Bearer ${adminToken}` } });
  const fields: Record<string, string | undefined> = JSON.parse(reply.text);
  return fields;
}
