/** Fills a text up to a size by repeating a piece, which may depend on its number. */
export function filled(bytes: number, piece: (i: number) => string, end = ''): string {
  let text = '';
  for (let i = 0; text.length + piece(i).length + end.length <= bytes; i++) {
    text += piece(i);
  }
  return text + end;
}

/** Forms and queries of this size that are wrong all over. */
export function hostileForms(names: readonly string[], bytes: number): Readonly<Record<string, string>> {
  return {
    'an unknown name repeated': filled(bytes, () => 'a&'),
    'known names repeated': filled(bytes, (i) => `${names[i % names.length] ?? 'a'}=${i % 7}&`),
    'a name escaped in full and repeated': filled(bytes, () => '%61%5f%62=&'),
    'unknown names, each once and then again': filled(bytes / 2, (i) => `${i}=&`) + filled(bytes / 2, (i) => `${i}=&`),
    'empty names': filled(bytes, () => '=&'),
    'a huge name twice': `${'n'.repeat(bytes / 2 - 1)}&${'n'.repeat(bytes / 2 - 1)}`,
    'huge values': filled(bytes, (i) => `${names[i % names.length] ?? 'a'}=${'v'.repeat(2_000)}&`),
    'the forbidden name repeated': filled(bytes, () => '__proto__&'),
    'escapes of nothing': filled(bytes, () => '%zz&'),
  };
}

/** Bodies of this size that are wrong all over, as JSON. */
export function hostileJson(names: readonly string[], bytes: number): Readonly<Record<string, string>> {
  const object = (piece: (i: number) => string): string => `{${filled(bytes - 8, piece)}"z":0}`;
  return {
    'an unknown key repeated': object(() => '"a":0,'),
    'known keys repeated': object((i) => `"${names[i % names.length] ?? 'a'}":"${i % 7}",`),
    'known keys of another type, repeated': object((i) => `"${names[i % names.length] ?? 'a'}":[${i % 7}],`),
    'keys escaped in full and repeated': object(() => '"\\u0061\\u005f":0,'),
    'unknown keys': object((i) => `"${i}":0,`),
    'empty keys': object(() => '"":0,'),
    'a huge key': `{"${'k'.repeat(bytes - 8)}":0}`,
    'lone surrogates': `{${names.map((name) => `"${name}":"\\ud800${'v'.repeat(2_000)}"`).join(',')}}`,
    'the forbidden key repeated': object(() => '"__proto__":0,'),
    'a key and half an object': `{"${'k'.repeat(bytes - 8)}"`,
  };
}
