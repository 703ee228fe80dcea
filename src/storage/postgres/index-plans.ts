/** What runs SQL without parameters, as it stands. */
interface Commands {
  command(sql: string): Promise<unknown>;
}

/**
 * Where an organization is thought to have few users, which is so of all without statistics, and of the largest in a plan that was made for
 * every organization, PostgreSQL would read all of them and sort, for a page of fifty.
 */
const BY_INDEXES = ['seqscan', 'bitmapscan', 'incremental_sort', 'hashjoin', 'mergejoin']
  .map((method) => `; SET LOCAL enable_${method} = off`)
  .join('');

/** Runs reads in a transaction in which whatever can be found by an index, in its order, is. */
export async function plannedByIndexes<T>(commands: Commands, read: () => Promise<T>): Promise<T> {
  const begun = commands.command(`BEGIN READ ONLY${BY_INDEXES}`);
  // It goes out with the first read; awaited below.
  begun.catch(() => {});
  try {
    const found = await read();
    await begun;
    return found;
  } finally {
    // Of what failed it undoes nothing: it was read only.
    await commands.command('COMMIT');
  }
}
