/**
 * A module of the compiled server: Node 20 runs no TypeScript, so child processes use what `npm run build` made.
 * @param {string} path below dist
 * @returns {Promise<any>}
 */
export function importDist(path) {
  return import(new URL(`../../../dist/${path}`, import.meta.url).href);
}
