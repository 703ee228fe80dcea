import { onTestFinished } from 'vitest';
import type { Storage } from '../../../src/domain/storage.ts';

/** What an engine's test gives to the contract. */
export interface StorageHarness {
  /** How often what races does; by default 250 times. */
  readonly races?: number;
  /** A new, empty, migrated store. */
  createStore(): Promise<TestStore>;
}

export interface TestStore {
  /** A further handle to this store, as another process would have one. */
  open(): Promise<Storage>;
  /** Removes all of it. */
  remove(): Promise<void>;
}

/** A new store for one test, with as many handles as it asks for; removed when the test ends. */
export async function freshStore(harness: StorageHarness): Promise<{ open(): Promise<Storage> }> {
  const store = await harness.createStore();
  const handles: Storage[] = [];
  const keep = async (opening: Promise<Storage>) => {
    const handle = await opening;
    handles.push(handle);
    return handle;
  };
  onTestFinished(async () => {
    await Promise.all(handles.map((handle) => handle.close()));
    await store.remove();
  });
  return { open: () => keep(store.open()) };
}

/** A new store with one handle. */
export async function freshStorage(harness: StorageHarness): Promise<Storage> {
  return (await freshStore(harness)).open();
}
