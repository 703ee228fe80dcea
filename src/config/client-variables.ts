/**
 * Whether the programs of the clients read this variable: the README exports them in the terminal in which the CLI runs
 * too. The value must be what they hold: `AUTHFLOW_GRPC=50051` is a setting that somebody misspelled.
 */
export function isClientVariable(name: string, value: string): boolean {
  switch (name) {
    case 'AUTHFLOW_GRPC':
      return /^\S+:\d{1,5}$/.test(value);
    case 'AUTHFLOW_API_KEY':
      return value === '' || value.startsWith('af_');
    default:
      return false;
  }
}
