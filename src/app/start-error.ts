/** Why the program cannot start as asked: one sentence or two for the operator, with what to do. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}

/** The command is not for the engine that the settings name. */
export class WrongEngineError extends StartError {
  override readonly name = 'WrongEngineError';
}

/** A command needs a store, and only `serve` and `migrate` make one. */
export class StoreMissingError extends StartError {
  override readonly name = 'StoreMissingError';

  constructor(place: string) {
    super(
      `There is no store at ${place}. "authflow serve" or "authflow migrate" makes one; ${
        place.startsWith('postgres://')
          ? 'AUTHFLOW_DATABASE_URL and AUTHFLOW_DATABASE_SCHEMA say where'
          : 'AUTHFLOW_DATA_DIR or AUTHFLOW_DATABASE_URL says where'
      }.`,
    );
  }
}
