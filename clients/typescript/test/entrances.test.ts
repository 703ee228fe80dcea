import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ENTRANCES = ['', '/express', '/fastify', '/fetch', '/hono', '/nest', '/web'];

test.each(ENTRANCES)('@authflow/client%s does not load the fake', (path) => {
  const files = [...reached(import.meta.resolve(`@authflow/client${path}`))];
  expect(files.some((file) => file.endsWith('/calls.js') || file.endsWith('/errors.js'))).toBe(true);
  expect(files.filter((file) => file.includes('fake'))).toEqual([]);
});

/** The package's own files that a file imports, by whatever way. */
function reached(file: string, known = new Set<string>()): ReadonlySet<string> {
  known.add(file);
  for (const [, specifier = ''] of readFileSync(new URL(file), 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    const imported = new URL(specifier, file).href;
    if (!known.has(imported)) {
      reached(imported, known);
    }
  }
  return known;
}
