import { resolve } from 'node:path';
import type { SecretSetting, SettingDescription, TextSetting } from './definitions.ts';
import type { SettingsFault } from './settings-error.ts';
import { fileContent, InvalidValue } from './values.ts';

/** Environment variables, as `process.env` gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A file that a setting names. */
export interface NamedFile {
  /** The variable. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/** Reads settings one by one and gathers what is wrong. A faulty setting counts as left out, so that reading goes on. */
export class EnvironmentReader {
  readonly faults: SettingsFault[] = [];
  /** The files of secrets that were read. */
  readonly secretFiles: NamedFile[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** The value of a setting, or its fallback. */
  text<T>(setting: TextSetting<T>): T {
    const text = this.#env[setting.name];
    if (text === undefined) {
      return setting.fallback();
    }
    // In an object: a value may be null, as a limit is that is off.
    const read = this.attempt(setting.name, () => ({ value: setting.parse(notEmpty(text)) }));
    return read === null ? setting.fallback() : read.value;
  }

  /** The value of a secret, from its variable or its file; null where neither is given. */
  secret<T>(setting: SecretSetting<T>): T | null {
    const text = this.#env[setting.name];
    const fileName = fileVariable(setting);
    const file = this.#env[fileName];
    if (text !== undefined && file !== undefined) {
      this.fault(setting.name, `and ${fileName} are both given: give one of them`);
      return null;
    }
    if (file !== undefined) {
      const read = this.attempt(fileName, () => ({ value: setting.parse(fileContent(notEmpty(file))) }));
      if (read === null) {
        return null;
      }
      this.secretFiles.push({ name: fileName, path: resolve(file) });
      return read.value;
    }
    return text === undefined ? null : this.attempt(setting.name, () => setting.parse(Buffer.from(notEmpty(text))));
  }

  isGiven(setting: SettingDescription): boolean {
    return this.#env[setting.name] !== undefined;
  }

  /** Whether the file of a secret is named, whatever it holds. */
  isGivenAsFile(setting: SettingDescription): boolean {
    return this.#env[fileVariable(setting)] !== undefined;
  }

  /** Whether the setting can be leaned on in checks between settings, without a second sentence about one fault. */
  isFaulty(setting: SettingDescription): boolean {
    return this.faults.some((fault) => fault.name === setting.name);
  }

  fault(name: string, message: string): void {
    this.faults.push({ name, message });
  }

  /** What `read` gives; null where it throws InvalidValue, which becomes a fault. */
  attempt<T>(name: string, read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof InvalidValue)) {
        throw error;
      }
      this.fault(name, error.message);
      return null;
    }
  }
}

/** The variable that names the file of a secret. */
export function fileVariable(setting: SettingDescription): string {
  return `${setting.name}_FILE`;
}

// An empty variable is nearly always a substitution that failed; for a secret, its default would be a new store's.
function notEmpty(text: string): string {
  if (text === '') {
    throw new InvalidValue('is empty: give a value or leave the variable out');
  }
  return text;
}
