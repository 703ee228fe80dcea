import { describeBackupContract } from './backup-contract.ts';
import { describeStorageContract } from './contract.ts';
import { databaseFile, engineAt, temporaryFolder } from './sqlite-files.ts';

describeStorageContract('SQLite', {
  async createStore() {
    const folder = temporaryFolder();
    const engine = engineAt(`${folder.path}/authflow.db`);
    await engine.migrate();
    return { open: () => engine.open(), remove: async () => folder.remove() };
  },
});

describeBackupContract('SQLite', {
  async createEngine() {
    const file = databaseFile();
    const engine = engineAt(file);
    await engine.migrate();
    const copy = (name: string) => ({ file: `${file}.${name}`, engine: engineAt(`${file}.${name}`) });
    return { engine, copy };
  },
});
