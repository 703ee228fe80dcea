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

describeStorageContract('SQLite that writes in a thread', {
  async createStore() {
    const folder = temporaryFolder();
    const engine = engineAt(`${folder.path}/authflow.db`);
    await engine.migrate();
    return { open: () => engine.open({ writesInThread: true }), remove: async () => folder.remove() };
  },
});

describeStorageContract('SQLite restored from a backup', {
  async createStore() {
    const folder = temporaryFolder();
    const [original, engine] = [engineAt(`${folder.path}/original.db`), engineAt(`${folder.path}/authflow.db`)];
    await original.migrate();
    await original.backUp(`${folder.path}/backup.db`);
    await (await engine.beginRestore(`${folder.path}/backup.db`)).finish();
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
