/** Settled as the work is, and fulfilled after this time, in milliseconds, at the latest; the work goes on. */
export async function within(ms: number, work: Promise<void>): Promise<void> {
  const isOver = Promise.withResolvers<void>();
  const timer = setTimeout(isOver.resolve, ms);
  try {
    await Promise.race([work, isOver.promise]);
  } finally {
    clearTimeout(timer);
  }
}
