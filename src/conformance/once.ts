/** Does the work at the first call alone; later ones, and those meanwhile, share its outcome. */
export function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let started: Promise<Result> | null = null;
  return () => {
    started ??= work();
    return started;
  };
}
