/** A worker could not start: what one process would have told its operator. */
export class WorkerNotStartedError extends Error {
  override readonly name = 'WorkerNotStartedError';
  readonly exitCode: number;
  readonly lines: readonly string[];

  constructor(exitCode: number, lines: readonly string[]) {
    super(lines.join(' '));
    this.exitCode = exitCode;
    this.lines = lines;
  }
}

/** A stop had to end workers that did not end themselves: what they were doing was cut off. */
export class StopCutShortError extends Error {
  override readonly name = 'StopCutShortError';
}

/** Workers ended so often that another would be no help. */
export class WorkersDiedError extends Error {
  override readonly name = 'WorkersDiedError';
}
