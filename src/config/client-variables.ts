/** What an address of the gRPC port is to the clients (docs/clients.md): `host:port`, or a URL whose port may be left out. */
const ADDRESS = /^(?:https?:\/\/\S+|[^\s/]+:\d{1,5})$/i;

/**
 * The variables that the clients and their examples read, and what they hold there: the README exports them in the terminal in which
 * the CLI runs too.
 */
const CLIENT_VARIABLES: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['AUTHFLOW_ADDRESS', (value) => ADDRESS.test(value)],
  ['AUTHFLOW_URL', (value) => /^https?:\/\/\S+$/i.test(value)],
  ['AUTHFLOW_API_KEY', (value) => value.startsWith('af_')],
  ['AUTHFLOW_MANAGEMENT_KEY', (value) => value.startsWith('afm_')],
]);

/**
 * Whether this variable is one of the clients'. The value must be what they hold, or empty, as where a shell's own variable was
 * not set: `AUTHFLOW_ADDRESS=0.0.0.0` is a setting that somebody misspelled.
 */
export function isClientVariable(name: string, value: string): boolean {
  const holds = CLIENT_VARIABLES.get(name);
  return holds !== undefined && (value === '' || holds(value));
}
