import { SettingsError } from '../config/settings-error.ts';
import { AuthError } from '../domain/errors.ts';
import { errorFields } from '../observability/logger.ts';
import { missingModule } from '../observability/missing-module.ts';
import { WorkerNotStartedError } from '../workers/worker-faults.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

/** The command line asks for something that cannot be, in a way that the parser does not see. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What to tell the operator about an error, and how the command ends. */
export interface Failure {
  readonly exitCode: ExitCode;
  readonly lines: readonly string[];
}

/** Errors of the app whose message was written for the operator. Known by name: their modules load the whole server. */
const EXIT_OF: ReadonlyMap<string, ExitCode> = new Map([
  ['StoreError', EXIT.store],
  ['StoreMissingError', EXIT.store],
  ['StartError', EXIT.store],
  ['WrongEngineError', EXIT.usage],
  ['SealedBoxError', EXIT.store],
  ['FileExistsError', EXIT.refused],
  ['RestoreStoppedError', EXIT.refused],
  ['WorkersDiedError', EXIT.internal],
  ['CopySpoiledError', EXIT.store],
  ['StopCutShortError', EXIT.refused],
  ['CopyRefusedError', EXIT.refused],
  ['CopyStoppedError', EXIT.refused],
  ['NotCopyableError', EXIT.refused],
  ['OutputError', EXIT.store],
]);

/**
 * Explains an error in sentences. Only messages that this program wrote are shown; of a foreign error only what
 * {@link errorFields} lets through.
 */
export function explain(error: unknown): Failure {
  if (error instanceof SettingsError) {
    return { exitCode: EXIT.usage, lines: error.faults.map(({ name, message }) => `${name} ${message}`) };
  }
  if (error instanceof UsageError) {
    return { exitCode: EXIT.usage, lines: [error.message] };
  }
  if (error instanceof WorkerNotStartedError) {
    return { exitCode: exitCodeOf(error.exitCode), lines: error.lines };
  }
  if (error instanceof AuthError && codeOf(error.cause) === 'SQLITE_READONLY_DBMOVED') {
    return { exitCode: EXIT.store, lines: ['The store was replaced while it was open, as a restore does. Try again.'] };
  }
  if (error instanceof AuthError && error.reason !== 'INTERNAL') {
    const exitCode = error.reason === 'UNAVAILABLE' ? EXIT.store : EXIT.refused;
    const cause = error.reason === 'UNAVAILABLE' ? codeOf(error.cause) : null;
    return { exitCode, lines: [`${error.message} (${error.reason}${cause === null ? '' : `, ${cause}`})`] };
  }
  const exitCode = error instanceof Error ? EXIT_OF.get(error.name) : undefined;
  if (error instanceof Error && exitCode !== undefined) {
    return { exitCode, lines: [error.message] };
  }
  return explainMissingModule(error) ?? explainFile(error) ?? explainFault(error);
}

/** Whether whoever read the output has gone, which is no failure: `authflow user list ORG | head`. */
export function isBrokenPipe(error: unknown): boolean {
  return codeOf(error) === 'EPIPE';
}

// In the words of the program's entry, which meets those that are loaded first.
function explainMissingModule(error: unknown): Failure | null {
  const missing = missingModule(error);
  const line = `AuthFlow is not installed completely: ${missing} is missing. Run "npm ci".`;
  return missing === null ? null : { exitCode: EXIT.usage, lines: [line] };
}

// A file or folder that the system does not give.
function explainFile(error: unknown): Failure | null {
  if (!(error instanceof Error && 'syscall' in error && 'path' in error && typeof error.path === 'string')) {
    return null;
  }
  return { exitCode: EXIT.store, lines: [`${error.path} cannot be used (${codeOf(error)}).`] };
}

function explainFault(error: unknown): Failure {
  const facts = Object.values(errorFields(error)).map((value) => `  ${value}`);
  return {
    exitCode: EXIT.internal,
    lines: ['This is a fault of AuthFlow. Please report it with these lines:', ...facts],
  };
}

function exitCodeOf(code: number): ExitCode {
  return Object.values(EXIT).find((known) => known === code) ?? EXIT.internal;
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
