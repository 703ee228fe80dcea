import type { OpenStore } from '../../../src/storage/engine.ts';
import { RemoteWriter } from '../../../src/storage/remote-writer.ts';
import { answerWrites } from '../../../src/storage/write-requests.ts';
import { describeStorageContract } from '../contract.ts';
import { engineAt, temporaryFolder } from '../sqlite-files.ts';

describeStorageContract('SQLite that another process writes in a thread', {
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

/** As a worker has it: what passes is copied. */
function writerOf(owner: OpenStore): RemoteWriter {
  const answer = answerWrites(owner.write, (replies) => writer.receive(structuredClone(replies)));
  const writer: RemoteWriter = new RemoteWriter((requests) => {
    void answer(structuredClone(requests));
    return true;
  });
  return writer;
}
