import type { OpenStore } from '../../../src/storage/engine.ts';
import { RemoteWriter } from '../../../src/storage/remote-writer.ts';
import { answerWrites } from '../../../src/storage/write-requests.ts';
import type { StorageHarness } from '../contract/harness.ts';
import { engineAt, temporaryFolder } from '../sqlite-files.ts';

/** Files that one handle writes for all others, as a supervisor does for its workers: what passes is copied. */
export function writtenByOne({ inThread }: { readonly inThread: boolean }): Pick<StorageHarness, 'createStore'> {
  return {
    async createStore() {
      const folder = temporaryFolder();
      const engine = engineAt(`${folder.path}/authflow.db`);
      await engine.migrate();
      const owner = await engine.open({ writesInThread: inThread });
      return {
        open: () => engine.open({ writer: writerOf(owner) }),
        async remove() {
          await owner.close();
          folder.remove();
        },
      };
    },
  };
}

function writerOf(owner: OpenStore): RemoteWriter {
  const answer = answerWrites(owner.write, (replies) => writer.receive(structuredClone(replies)));
  const writer: RemoteWriter = new RemoteWriter((requests) => {
    void answer(structuredClone(requests));
    return true;
  });
  return writer;
}
