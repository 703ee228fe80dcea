import { describeStorageContract } from '../contract.ts';
import { writtenByOne } from './writers.ts';

describeStorageContract('SQLite that another process writes', {
  // All of them in the long run, and on a file that each handle writes.
  races: 50,
  ...writtenByOne({ inThread: false }),
});
