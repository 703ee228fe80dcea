/** An instant in milliseconds since 1970 as RFC 3339 in whole seconds, UTC. */
export function formatInstant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
