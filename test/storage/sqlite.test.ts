import type { OpenStore } from '../../src/storage/engine.ts';
import { RemoteWriter } from '../../src/storage/remote-writer.ts';
import { answerWrites } from '../../src/storage/write-requests.ts';
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

describeStorageContract('SQLite that another process writes', {
  async createStore() {
    const folder = temporaryFolder();
    const engine = engineAt(`${folder.path}/authflow.db`);
    await engine.migrate();
    const owner = await engine.open({ writesInThread: true });
    return {
      open: () => engine.open({ writer: writerOf(owner) }),
      async remove() {
        await owner.close();
        folder.remove();
      },
    };
  },
});

/** As workers have one: what passes is copied. */
function writerOf(owner: OpenStore): RemoteWriter {
  const answer = answerWrites(owner.write, (replies) => writer.receive(structuredClone(replies)));
  const writer: RemoteWriter = new RemoteWriter((requests) => {
    void answer(structuredClone(requests));
    return true;
  });
  return writer;
}

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
