/** Fulfilled with the work, and after the time at the latest. */
export async function within(ms: number, work: Promise<void>): Promise<void> {
  const isOver = Promise.withResolvers<void>();
  const timer = setTimeout(isOver.resolve, ms);
  await Promise.race([work, isOver.promise]);
  clearTimeout(timer);
}
