import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { isServiceUrl } from './service-links.ts';

/** Thrown by a parser: what is wrong with the text, as the end of a sentence that begins with the setting's name. */
export class InvalidValue extends Error {
  override readonly name = 'InvalidValue';
}

/** Reads the text of a setting, or throws {@link InvalidValue}. */
export type Parser<T> = (text: string) => T;

const SECONDS_OF_UNIT = { d: 86_400, h: 3_600, m: 60, s: 1 } as const;

/** A duration such as `7d`, `12h`, `5m` or `10s`, between two others, in whole seconds. */
export function durationSeconds(least: string, most: string): Parser<number> {
  const leastSeconds = secondsOf(least) ?? 0;
  const mostSeconds = secondsOf(most) ?? Number.POSITIVE_INFINITY;
  return (text) => {
    const seconds = secondsOf(text);
    if (seconds === null || seconds < leastSeconds || seconds > mostSeconds) {
      throw new InvalidValue(`must be a whole number with a unit (d, h, m or s), from ${least} to ${most}`);
    }
    return seconds;
  };
}

/** How often something may happen: at once `burst` times, in the long run `count` times in each `periodMs`. */
export interface Rate {
  readonly count: number;
  readonly periodMs: number;
  readonly burst: number;
}

const MOST_OF_RATE = 1_000_000;

/** `100/s`, `60/h burst 300` (without a burst it is the number before the unit), or `off`: null. */
export function rate(text: string): Rate | null {
  if (text === 'off') {
    return null;
  }
  const [, number, unit, most = number] = /^(\d{1,7})\/([dhms])(?: burst (\d{1,7}))?$/.exec(text) ?? [];
  const [count, burst] = [Number(number), Number(most)];
  if (!(count >= 1 && count <= MOST_OF_RATE && burst >= 1 && burst <= MOST_OF_RATE)) {
    throw new InvalidValue(
      `must be off, or a rate such as 100/s or 60/h burst 300: whole numbers from 1 to ${MOST_OF_RATE}, and d, h, m or s`,
    );
  }
  return { count, periodMs: SECONDS_OF_UNIT[unit as keyof typeof SECONDS_OF_UNIT] * 1000, burst };
}

/** What `parse` understands, or `off`. */
export function unlessOff<T>(parse: Parser<T>): Parser<T | 'off'> {
  return orWord('off', 'off' as const, parse);
}

/** The same as {@link durationSeconds}, or `forever`: null. */
export function durationSecondsOrForever(least: string, most: string): Parser<number | null> {
  return orWord('forever', null, durationSeconds(least, most));
}

function orWord<T, Meaning>(word: string, meaning: Meaning, parse: Parser<T>): Parser<T | Meaning> {
  return (text) => {
    if (text === word) {
      return meaning;
    }
    try {
      return parse(text);
    } catch (error) {
      throw error instanceof InvalidValue ? new InvalidValue(`${error.message}, or ${word}`) : error;
    }
  };
}

/** A whole number in a range, in plain decimal digits. */
export function integer(least: number, most: number): Parser<number> {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      throw new InvalidValue(`must be a whole number from ${least} to ${most}`);
    }
    return value;
  };
}

const MOST_WORKERS = 64;
const parseWorkers = integer(1, MOST_WORKERS);

/** A number of server processes, or `auto`: one for each processor that this process may use. */
export function workers(text: string): number {
  if (text === 'auto') {
    return Math.min(MOST_WORKERS, availableParallelism());
  }
  try {
    return parseWorkers(text);
  } catch {
    throw new InvalidValue(`must be a whole number from 1 to ${MOST_WORKERS}, or auto`);
  }
}

const parsePort = integer(0, 65_535);

/** A number of a port, 0 included. */
export function port(text: string): number {
  if (isServiceUrl(text)) {
    throw new InvalidValue(
      'was set by Kubernetes, for a Service of that name: give the setting itself, or set enableServiceLinks: false',
    );
  }
  return parsePort(text);
}

/** Exactly `true` or `false`: a misspelled `False` must not open anything. */
export function boolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') {
    throw new InvalidValue('must be true or false');
  }
  return text === 'true';
}

/** One of a few words, by case. */
export function oneOf<const T extends string>(...words: readonly T[]): Parser<T> {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) {
      throw new InvalidValue(`must be ${words.length > 1 ? 'one of ' : ''}${words.join(', ')}`);
    }
    return word;
  };
}

/** A path, made absolute against the working directory. */
export function path(text: string): string {
  if (text.includes('\0')) {
    throw new InvalidValue('must be a path');
  }
  return resolve(text);
}

/** The name of a schema: one that needs no quotes, and none of PostgreSQL's own. */
export function schemaName(text: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(text) || text.startsWith('pg_')) {
    throw new InvalidValue('must be 1 to 63 of a-z, 0-9 and _, and begin neither with a digit nor with pg_');
  }
  return text;
}

/** An IP address without brackets, or a host name. */
export function host(text: string): string {
  const isName = text.length <= 253 && /^[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9-]{1,63})*$/i.test(text);
  if (isIP(text) === 0 && !isName) {
    throw new InvalidValue('must be an IP address (IPv6 without brackets) or a host name');
  }
  return text;
}

/** Whether nothing outside this machine reaches the address. Any other name or address counts as reachable. */
export function isLoopback(address: string): boolean {
  return (
    address.toLowerCase() === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
  );
}

/** The value of `iss`: a URI where it holds a colon (RFC 7519, section 2, StringOrURI). */
export function issuer(text: string): string {
  // 255 keeps session tokens far below the 8 KiB that are ever parsed.
  if (!/^[\x21-\x7e]{1,255}$/.test(text) || (text.includes(':') && !URL.canParse(text))) {
    throw new InvalidValue('must be 1 to 255 printable ASCII characters without spaces, a URL where it holds a colon');
  }
  return text;
}

/**
 * Exact origins with commas between them, spelled as a browser sends them (RFC 6454, section 6.2), so that
 * comparing is comparing strings. Never `*` or `null`.
 */
export function origins(text: string): readonly string[] {
  const list = text.split(',').map((item) => item.trim());
  if (!list.every(isOrigin)) {
    throw new InvalidValue(
      'must be exact origins with commas between them, as a browser sends them: https://app.example.com, ' +
        'without a path, in lower case, without the default port; * and null are never accepted',
    );
  }
  return [...new Set(list)];
}

function isOrigin(text: string): boolean {
  if (/^https?:/.test(text)) {
    return URL.canParse(text) && new URL(text).origin === text && !text.includes('*');
  }
  // Schemes of desktop shells and browser extensions, whose `URL.origin` is "null".
  return /^(?!file:)[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+(:\d{1,5})?$/.test(text);
}

/** Names of roles with commas between them, in the form that a user's roles have. */
export function roles(text: string): readonly string[] {
  const list = text.split(',').map((item) => item.trim());
  if (!list.every((role) => /^[a-z][a-z0-9_.:-]{0,63}$/.test(role))) {
    throw new InvalidValue('must be roles with commas between them: a lower-case letter, then a-z, 0-9 and _ . : -');
  }
  return [...new Set(list)];
}

/** IP addresses and networks (RFC 4632, section 3.1) with commas between them. */
export function networks(text: string): readonly string[] {
  const list = text.split(',').map((item) => item.trim());
  if (!list.every(isNetwork)) {
    throw new InvalidValue('must be IP addresses and networks, as 10.0.0.0/8, with commas between them');
  }
  return list;
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) {
    return false;
  }
  // A zone names a link of this machine, not where a packet comes from.
  return (
    !address.includes('%') &&
    (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128)))
  );
}

/** A file of the TLS settings, read. */
export interface PemFile {
  /** Absolute. */
  readonly path: string;
  readonly pem: string;
}

/** The path of a PEM file with a certificate in it. */
export function certificateFile(text: string): PemFile {
  return pemFile(text, 'a certificate', (pem) => createSecureContext({ cert: pem }));
}

/** The path of a PEM file with a private key that needs no passphrase. */
export function privateKeyFile(text: string): PemFile {
  return pemFile(text, 'a private key without a passphrase', (pem) => createSecureContext({ key: pem }));
}

/** Whether a private key belongs to a certificate. */
export function isKeyOf(key: PemFile, certificate: PemFile): boolean {
  return isAccepted(key.pem, (pem) => createSecureContext({ cert: certificate.pem, key: pem }));
}

/** What a file holds. Its path is told where it fails only if it is one: somebody may have put a secret in its place. */
export function fileContent(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const what = FILE_FAULTS[code] ?? 'cannot be read';
    throw new InvalidValue(
      isSurelyPath(file) ? `names ${file}, which ${what} (${code})` : `names a file that ${what} (${code})`,
    );
  }
}

const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EACCES: 'this user may not read',
  EISDIR: 'is a folder',
};

/** Begins with a folder that exists, or with dots, as neither secrets nor URLs do. */
function isSurelyPath(text: string): boolean {
  const [folder] = /^\/?[^/]+(?=\/)/.exec(text) ?? [];
  return /^\P{C}+$/u.test(text) && folder !== undefined && (/^\.\.?$/.test(folder) || existsSync(folder));
}

function pemFile(text: string, content: string, check: (pem: string) => unknown): PemFile {
  const file = path(text);
  const pem = fileContent(text).toString('latin1');
  if (!isAccepted(pem, check)) {
    throw new InvalidValue(`must name a PEM file with ${content}`);
  }
  return { path: file, pem };
}

function isAccepted(pem: string, check: (pem: string) => unknown): boolean {
  try {
    check(pem);
    // To OpenSSL's wrapper an empty text is an option left out: no authorities would be no mTLS.
    return pem !== '';
  } catch {
    return false;
  }
}

/** At least 32 bytes as given, but for one final newline. */
export function secret(bytes: Uint8Array): Uint8Array {
  const value = withoutFinalNewline(bytes);
  if (value.length < 32) {
    throw new InvalidValue('must be at least 32 bytes');
  }
  return value;
}

/** `afadm_` and 43 base64url characters, but for one final newline. */
export function adminToken(bytes: Uint8Array): string {
  const text = Buffer.from(withoutFinalNewline(bytes)).toString('latin1');
  if (!/^afadm_[A-Za-z0-9_-]{43}$/.test(text)) {
    throw new InvalidValue('must be afadm_ and 43 base64url characters');
  }
  return text;
}

function withoutFinalNewline(bytes: Uint8Array): Uint8Array {
  const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? -2 : -1) : bytes.length;
  return bytes.subarray(0, end);
}

function secondsOf(text: string): number | null {
  const [, count, unit] = /^(\d{1,9})([dhms])$/.exec(text) ?? [];
  return count === undefined ? null : Number(count) * SECONDS_OF_UNIT[unit as keyof typeof SECONDS_OF_UNIT];
}

/** A duration as it is set: `5m` for 300, in the largest unit that gives a whole number. */
export function durationText(seconds: number): string {
  const [unit, length] = Object.entries(SECONDS_OF_UNIT).find(([, each]) => seconds % each === 0) ?? ['s', 1];
  return `${seconds / length}${unit}`;
}

/** An address that mails come from: of ASCII, so that every server takes it, and without a name beside it. */
export function mailAddress(text: string): string {
  const [local = '', domain = '', ...rest] = text.split('@');
  const isLocal = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}$/.test(local);
  if (!isLocal || rest.length > 0 || !/^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(domain) || domain.length > 189) {
    throw new InvalidValue('must be an address alone, such as no-reply@example.com');
  }
  return text;
}

/** Where browsers reach the server, without a slash at its end. Tokens go there: in clear text only within this machine. */
export function publicUrl(text: string): string {
  const url = URL.parse(text);
  const isPlain = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, '')));
  if (!isPlain || !isSafe || !/^[\x21-\x7e]{1,1000}$/.test(text)) {
    throw new InvalidValue(
      'must be an https address (http on loopback alone) without credentials, a query or a fragment',
    );
  }
  return url.href.replace(/\/$/, '');
}
