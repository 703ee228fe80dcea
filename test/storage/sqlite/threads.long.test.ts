import { describeStorageContract } from '../contract.ts';
import { engineAt, temporaryFolder } from '../sqlite-files.ts';
import { writtenByOne } from './writers.ts';

describeStorageContract('SQLite that writes in a thread', {
  async createStore() {
    const folder = temporaryFolder();
    const engine = engineAt(`${folder.path}/authflow.db`);
    await engine.migrate();
    return { open: () => engine.open({ writesInThread: true }), remove: async () => folder.remove() };
  },
});

describeStorageContract('SQLite that another process writes in a thread', writtenByOne({ inThread: true }));
