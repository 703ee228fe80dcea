import { missingModule } from './missing-module.ts';
import { printable } from './printable.ts';
import { StandardError } from './standard-error.ts';

/** What a field of a log line can be. No objects: a request, a configuration or an error could hold a secret. */
export type LogValue = string | number | boolean | null;

/** Fields of a log line, by name. */
export type LogFields = Readonly<Record<string, LogValue>>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Writes one line of JSON for each call: `level`, `time` (ISO 8601), `pid`, `event`, then the fields. No value can
 * break its line or act on a terminal; a string longer than 1,000 characters is cut. Never throws, never waits.
 */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** Whether lines of this level are written: what only they need is not to be gathered otherwise. */
  isEnabled(level: LogLevel): boolean;
}

/** Takes whole lines, newline included. */
export interface LineWriter {
  write(line: string): void;
}

// A message to read is far shorter; a value that a stranger chose must not fill the disk.
const MAX_CHARACTERS = 1_000;

const RESERVED = new Set(['level', 'time', 'pid', 'event', '__proto__']);

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * A logger that writes lines of at least this level to a stream, by default to standard error. By hand: of a library for logs only
 * `JSON.stringify` would be left here, and it took a twelfth of the start (docs/performance.md, "What was measured once").
 */
export function createLogger(options: {
  readonly level: LogLevel;
  readonly destination?: LineWriter;
  /** Fields of every line. */
  readonly fields?: LogFields;
}): Logger {
  const destination = options.destination ?? new StandardError();
  const own = safeFields(options.fields);
  const isEnabled = (level: LogLevel): boolean => LEVELS.indexOf(level) >= LEVELS.indexOf(options.level);
  const writer = (level: LogLevel) => {
    if (!isEnabled(level)) {
      return () => undefined;
    }
    return (event: string, fields?: LogFields): void => {
      const time = new Date().toISOString();
      const line = JSON.stringify({ level, time, pid: process.pid, ...own, ...safeFields(fields), event: cut(event) });
      destination.write(`${printable(line)}\n`);
    };
  };
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    isEnabled,
  };
}

/**
 * Fields that describe an error without any text that a library or a caller wrote into it: its name, code and
 * reason where they are plain words, the module that could not be found, its stack frames, and the same of its cause.
 * Never a message.
 */
export function errorFields(error: unknown): LogFields {
  return { ...errorKind(error), ...stackField('error', error), ...stackField('cause', read(error, 'cause')) };
}

/** The same without the stack frames: what errors of one kind have in common. */
export function errorKind(error: unknown): LogFields {
  const cause = read(error, 'cause');
  return { ...describe('error', error), ...(cause === undefined ? {} : describe('cause', cause)) };
}

function safeFields(fields: LogFields = {}): Record<string, LogValue> {
  const safe: Record<string, LogValue> = {};
  for (const [name, value] of Object.entries(fields)) {
    const plain = name.replace(/[^A-Za-z0-9_]/g, '_').slice(0, 64);
    safe[RESERVED.has(plain) ? `${plain}_` : plain] = safeValue(value);
  }
  return safe;
}

// The type says primitives; this holds where a cast or JavaScript got around it.
function safeValue(value: unknown): LogValue {
  switch (typeof value) {
    case 'string':
      return cut(value);
    case 'number':
    case 'boolean':
      return value;
    default:
      return value === null ? null : `(${typeof value})`;
  }
}

function cut(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}

function describe(prefix: string, error: unknown): LogFields {
  if (!(error instanceof Error)) {
    return { [prefix]: `(${typeof error})` };
  }
  const name = read(error, 'name');
  const fields: Record<string, LogValue> = { [prefix]: isWord(name) ? name : 'Error' };
  for (const property of ['code', 'reason'] as const) {
    const value = read(error, property);
    if (typeof value === 'number' || isWord(value) || isSqlState(value)) {
      fields[`${prefix}_${property}`] = value;
    }
  }
  const missing = missingModule(error);
  return missing === null ? fields : { ...fields, [`${prefix}_module`]: missing };
}

function stackField(prefix: string, error: unknown): LogFields {
  const frames = error instanceof Error ? stackFrames(error) : '';
  return frames === '' ? {} : { [`${prefix}_stack`]: frames };
}

// The message stands between the name and the frames and may hold lines that look like frames: it goes first, as a
// whole. Where it was changed after the stack was made, it can no longer be told from the frames.
function stackFrames(error: Error): string {
  const stack = read(error, 'stack');
  const message = read(error, 'message');
  const header = typeof stack === 'string' ? /^[\w$.]+(?: \[\w+\])?(?:: |(?=\n))/.exec(stack)?.[0] : undefined;
  if (typeof stack !== 'string' || typeof message !== 'string' || header === undefined) {
    return '';
  }
  if (!stack.startsWith(`${message}\n`, header.length) || header.endsWith(': ') === (message === '')) {
    return '';
  }
  const frames = stack.slice(header.length + message.length).match(/^ {4}at [^\n]*:\d+:\d+\)?$/gm) ?? [];
  return frames
    .slice(0, 12)
    .map((frame) => frame.trim())
    .join(' < ');
}

/** As 42P01: the name of a PostgreSQL error tells nothing. */
function isSqlState(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9A-Z]{5}$/.test(value);
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(value);
}

function read(value: unknown, property: string): unknown {
  try {
    return typeof value === 'object' && value !== null ? Reflect.get(value, property) : undefined;
  } catch {
    return undefined;
  }
}
