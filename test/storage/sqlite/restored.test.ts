import { describeStorageContract } from '../contract.ts';
import { engineAt, temporaryFolder } from '../sqlite-files.ts';

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
