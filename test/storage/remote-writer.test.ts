import { expect, onTestFinished, test, vi } from 'vitest';
import { systemOrigin } from '../../src/domain/audit/audit-event.ts';
import { AuthError } from '../../src/domain/errors.ts';
import { RemoteWriter } from '../../src/storage/remote-writer.ts';
import { answerWrites, type Writer } from '../../src/storage/write-requests.ts';

const ORIGIN = systemOrigin(0);

/** A writer whose other side runs `write`; what passes is cloned, as between processes. `sent` counts the messages. */
function remote(write: Writer['write']) {
  const passed = { sent: 0, takesMore: true };
  const answer = answerWrites(write, (replies) => writer.receive(structuredClone(replies)));
  const writer: RemoteWriter = new RemoteWriter((requests) => {
    passed.sent += 1;
    void answer(structuredClone(requests));
    return passed.takesMore;
  });
  return { writer, passed };
}

test('writes of one turn go over together, and each has its own outcome, bytes and its origin as they are', async () => {
  const { writer, passed } = remote(async (name, [first], origin) => ({ name, first, origin }));
  const bytes = Buffer.from('sealed');
  const outcomes = await Promise.all([writer.write('ping', [bytes], ORIGIN), writer.write('sweep', [null], ORIGIN)]);
  expect(outcomes).toEqual([
    { name: 'ping', first: new Uint8Array(bytes), origin: ORIGIN },
    { name: 'sweep', first: null, origin: ORIGIN },
  ]);
  expect(passed.sent).toBe(1);
});

test('what a write throws is thrown here, with its code and its cause', async () => {
  const full = Object.assign(new Error('disk is full'), { code: 'SQLITE_FULL' });
  const { writer } = remote(async (name) => {
    throw name === 'ping' ? new AuthError('UNAVAILABLE', { cause: full }) : full;
  });
  await expect(writer.write('ping', [], ORIGIN)).rejects.toMatchObject({
    reason: 'UNAVAILABLE',
    cause: { code: 'SQLITE_FULL' },
  });
  await expect(writer.write('sweep', [], ORIGIN)).rejects.toMatchObject({ code: 'SQLITE_FULL' });
});

test('of what was sent to a process that has gone nobody knows what became; what comes later was not done', async () => {
  const { writer } = remote(() => new Promise(() => undefined));
  const sent = writer.write('ping', [], ORIGIN);
  writer.disconnect();
  const error: unknown = await sent.catch((thrown: unknown) => thrown);
  // UNAVAILABLE would promise that nothing was done.
  expect(error).not.toBeInstanceOf(AuthError);
  await expect(writer.write('ping', [], ORIGIN)).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  await writer.close();
});

test('closing waits for what was asked for before, and refuses what comes after', async () => {
  let end = (_: unknown): void => undefined;
  const { writer } = remote(
    () =>
      new Promise((resolve) => {
        end = resolve;
      }),
  );
  const asked = writer.write('ping', [], ORIGIN);
  let isClosed = false;
  const closing = writer.close().then(() => {
    isClosed = true;
  });
  await expect(writer.write('ping', [], ORIGIN)).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  expect(isClosed).toBe(false);
  end('done');
  expect(await asked).toBe('done');
  await closing;
});

test('a process that reads nothing for a second is sent nothing more: UNAVAILABLE, until it is heard of', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { writer, passed } = remote(() => new Promise(() => undefined));
  const ask = async () => {
    const asked = writer.write('ping', [], ORIGIN);
    const { sent } = passed;
    await Promise.race([asked, vi.waitUntil(() => passed.sent > sent)]);
  };
  passed.takesMore = false;
  await ask();
  // As a burst does. That its channel takes more does not say that anybody reads.
  passed.takesMore = true;
  await ask();
  vi.advanceTimersByTime(1_000);
  await expect(ask()).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  expect(passed.sent).toBe(2);
  writer.heard();
  passed.takesMore = false;
  await ask();
  vi.advanceTimersByTime(1_000);
  await expect(ask()).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  writer.heard();
  passed.takesMore = true;
  await ask();
  vi.advanceTimersByTime(1_000);
  await ask();
  expect(passed.sent).toBe(5);
});
