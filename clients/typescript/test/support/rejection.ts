/** What a promise rejects with; fails where it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome) {
    return outcome.error;
  }
  throw new Error(`it succeeded with ${JSON.stringify(outcome.value)}`);
}
