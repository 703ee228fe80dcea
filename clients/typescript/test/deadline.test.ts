import { describe, expect, test } from 'vitest';
import { CLIENTS, newOrganization, newSession } from './support/organization.ts';
import { rejection } from './support/rejection.ts';
import { startCase } from './support/stand.ts';

const SESSION = { sessionToken: 'header.payload.signature', email: 'ada@example.com' };
const LOGIN = { email: 'ada@example.com', password: 'Analytical-1843' };

describe.each(CLIENTS)('a call of the %s client', (_, connect) => {
  test('ends with DEADLINE_EXCEEDED, by the client or by the call', async () => {
    const silent = 'a call without an answer ends with its deadline';
    const hasty = connect({ ...(await startCase(silent)), apiKey: 'af_key', deadlineMs: 300 });
    const timedOut = { name: 'AuthFlowError', code: 'DEADLINE_EXCEEDED', reason: '' };
    // The deadline is kept before a later timer of this process ends the call in its own way.
    const later = () => AbortSignal.timeout(5_000);
    expect(await rejection(hasty.validate(SESSION, { signal: later() }))).toMatchObject(timedOut);
    const patient = connect({ ...(await startCase(silent)), apiKey: 'af_key', deadlineMs: 60_000 });
    expect(await rejection(patient.validate(SESSION, { deadlineMs: 200, signal: later() }))).toMatchObject(timedOut);
    hasty.close();
    patient.close();
  });

  test("rejects with the signal's reason while it waits for a reply", async () => {
    const addresses = await startCase('a call without an answer ends with its deadline');
    const client = connect({ ...addresses, apiKey: 'af_key' });
    const reason = new Error('the user went away');
    const leaving = new AbortController();
    setImmediate(() => leaving.abort(reason));
    expect(await rejection(client.validate(SESSION, { signal: leaving.signal }))).toBe(reason);
    client.close();
  });

  test("rejects with the signal's reason while it waits before a repeat", async () => {
    const addresses = await startCase('a wait that outlasts the deadline is not begun');
    const client = connect({ ...addresses, apiKey: 'af_key', deadlineMs: 120_000 });
    const outcome = rejection(client.login(LOGIN, { signal: AbortSignal.timeout(300) }));
    expect(await outcome).toMatchObject({ name: 'TimeoutError' });
    client.close();
  });

  test('sends nothing when the signal has ended before', async () => {
    const { apiKey } = await newOrganization();
    const client = connect({ apiKey });
    const session = await newSession(client);
    expect(await rejection(client.logout(session, { signal: AbortSignal.abort() }))).toMatchObject({
      name: 'AbortError',
    });
    expect(await client.validate(session)).toMatchObject({ email: session.email });
    client.close();
  });

  test('ends with CANCELLED when the client is closed, before and after', async () => {
    const addresses = await startCase('a call without an answer ends with its deadline');
    const client = connect({ ...addresses, apiKey: 'af_key' });
    const inFlight = rejection(client.validate(SESSION));
    client.close();
    client.close();
    expect(await inFlight).toMatchObject({ name: 'AuthFlowError', code: 'CANCELLED' });
    expect(await rejection(client.validate(SESSION))).toMatchObject({ code: 'CANCELLED' });
  });

  test('is refused a deadline that is none', async () => {
    for (const deadlineMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => connect({ apiKey: 'af_key', deadlineMs })).toThrow(RangeError);
    }
    const client = connect({ apiKey: 'af_key' });
    expect(await rejection(client.validate(SESSION, { deadlineMs: 0 }))).toBeInstanceOf(RangeError);
  });
});
