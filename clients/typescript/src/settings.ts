/** The variables that clients are made from where an option is left out. */
type Variable = 'AUTHFLOW_ADDRESS' | 'AUTHFLOW_URL' | 'AUTHFLOW_API_KEY';

/**
 * An option of a client, or the variable that stands for it where the option is left out. One that was given as
 * `undefined` is refused and not replaced: it was read from somewhere, and another organization's key may be in the
 * environment. Throws TypeError.
 */
export function setting<Name extends string>(
  options: Readonly<Partial<Record<Name, string>>>,
  name: Name,
  variable: Variable,
): string {
  if (!(name in options)) {
    return environment(variable) || missing(`${name} is missing: give it, or set ${variable}`);
  }
  const value: unknown = options[name];
  if (typeof value === 'string' && value !== '') {
    return value;
  }
  return missing(`${name} was given as ${kindOf(value)}: give it, or leave it out and set ${variable}`);
}

/**
 * The API key of a client's options or the environment. It must be what a header can carry: the libraries below would put
 * another, such as one read from a file with its final newline, into their error. Throws TypeError.
 */
export function apiKeySetting(options: Readonly<{ apiKey?: string }>): string {
  const apiKey = setting(options, 'apiKey', 'AUTHFLOW_API_KEY');
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new TypeError(
      'apiKey must be visible ASCII characters, without spaces or a final newline (AUTHFLOW_API_KEY)',
    );
  }
  return apiKey;
}

/** Runtimes of `fetch` alone may have no `process`. */
function environment(variable: Variable): string | undefined {
  const runtime: { readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> } } = globalThis;
  return runtime.process?.env?.[variable];
}

function kindOf(value: unknown): string {
  if (value === '') {
    return 'empty text';
  }
  return value === undefined || value === null ? String(value) : `a ${typeof value}`;
}

function missing(sentence: string): never {
  throw new TypeError(sentence);
}
