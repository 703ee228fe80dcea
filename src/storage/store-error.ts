/**
 * A store that cannot be opened, migrated or copied as asked. The message is one sentence or two for the operator:
 * what is wrong, with the path, and what to do. It is never sent to a caller of the service.
 */
export class StoreError extends Error {
  override readonly name: string = 'StoreError';
}

/** What was asked for would overwrite a file. */
export class FileExistsError extends StoreError {
  override readonly name = 'FileExistsError';
}

/** The secret of the store was replaced by one that is not known. */
export class SecretReplacedError extends StoreError {
  override readonly name = 'SecretReplacedError';
}

/** The store is sealed under a secret again that it called compromised. */
export class RotationLostError extends StoreError {
  override readonly name = 'RotationLostError';
}

/** Another store, or none, is where one was opened. */
export class StoreReplacedError extends StoreError {
  override readonly name = 'StoreReplacedError';

  constructor(place: string) {
    super(
      `${place} holds another store than the one that was opened, or none: something was copied there, or it was removed. Start ` +
        'every server again that is to serve what is there now.',
    );
  }
}
