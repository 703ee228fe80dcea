/** One fault of the environment. The message never quotes the value: it could be a secret in the wrong place. */
export interface SettingsFault {
  /** The variable's name. */
  readonly name: string;
  /** What is wrong and what would be right, as the end of a sentence that begins with the name. */
  readonly message: string;
}

/** Every fault of the environment at once: the server does not start, and nothing was touched. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly faults: readonly SettingsFault[];

  constructor(faults: readonly SettingsFault[]) {
    super(faults.map((fault) => `${fault.name} ${fault.message}`).join('\n'));
    this.faults = faults;
  }
}
