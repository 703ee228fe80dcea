import { join } from 'node:path';
import { openStorage } from '../../src/storage/open-storage.ts';
import { describeStorageContract } from './contract.ts';
import { temporaryFolder } from './sqlite-files.ts';

describeStorageContract('SQLite', {
  async createStore() {
    const folder = temporaryFolder();
    const databaseUrl = `sqlite:${join(folder.path, 'authflow.db')}`;
    return {
      open: () => openStorage({ databaseUrl, migrate: true }),
      openBackup: (file) => openStorage({ databaseUrl: `sqlite:${file}`, migrate: false }),
      backupFile: (name) => join(folder.path, `${name}.db`),
      remove: async () => folder.remove(),
    };
  },
});
