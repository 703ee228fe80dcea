import { expect, onTestFinished, test, vi } from 'vitest';
import { startKeyringRefresh } from '../../src/app/keyring-refresh.ts';

test('a round that takes long is waited for before the next begins, and a stop waits for it, too', async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const rounds: (() => void)[] = [];
  const refreshed = { keyring: 0 };
  const refresh = startKeyringRefresh({
    core: {
      followStore: () => new Promise((resolve) => rounds.push(resolve)),
      keyring: {
        refresh: async () => {
          refreshed.keyring += 1;
        },
      },
    },
    onError: () => expect.unreachable(),
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(rounds).toHaveLength(1);
  rounds[0]?.();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(rounds).toHaveLength(2);
  expect(refreshed.keyring).toBe(1);
  const stopped = refresh.stop();
  rounds[1]?.();
  await stopped;
  expect(refreshed.keyring).toBe(2);
});
