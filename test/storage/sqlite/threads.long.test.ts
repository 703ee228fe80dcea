import { describeStorageContract } from '../contract.ts';
import { engineAt, temporaryFolder } from '../sqlite-files.ts';

describeStorageContract('SQLite that writes in a thread for each handle', {
  async createStore() {
    const folder = temporaryFolder();
    const engine = engineAt(`${folder.path}/authflow.db`);
    await engine.migrate();
    return { open: () => engine.open({ writesInThread: true }), remove: async () => folder.remove() };
  },
});
