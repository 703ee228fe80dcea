import { MemoryStore } from '../support/storage/memory-storage.ts';
import { describeStorageContract } from './contract.ts';

describeStorageContract('memory', {
  async createStore() {
    const store = new MemoryStore();
    return { open: async () => store.open(), remove: async () => undefined };
  },
});
