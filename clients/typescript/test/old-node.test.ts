import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the gRPC client says which Node it needs when it is imported', async () => {
  // What Node 20 lacks.
  const program = `delete Promise.withResolvers;
    await import('@authflow/client').then(() => console.log('imported'), ({ message }) => console.log(message));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
  });
  expect(stdout).toBe(`@authflow/client needs Node 22 or later; this is Node ${process.versions.node}.\n`);
});
