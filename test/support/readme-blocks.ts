import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The README as it is written. */
export const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** A fenced block of the README. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** The JSON shown right after it, as what it prints; null where none is. */
  readonly shown: unknown;
  /** The text shown right after it, as what it prints, where … stands for anything; null where none is. */
  readonly printed: string | null;
}

/** Every fenced block, in the order of a README; by default of the root's. */
export function readmeBlocks(file = 'README.md'): readonly Block[] {
  const readme = readFileSync(join(ROOT, file), 'utf8');
  const fences = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  return fences.map((fence, index) => {
    const next = fences[index + 1];
    const end = fence.index + fence[0].length;
    const isAfter = next !== undefined && readme.slice(end, next.index).trim() === '';
    return {
      language: fence[1] ?? '',
      text: (fence[2] ?? '').trimEnd(),
      shown: isAfter && next[1] === 'json' ? JSON.parse(next[2] ?? '') : null,
      printed: isAfter && next[1] === 'text' ? (next[2] ?? '') : null,
    };
  });
}

/** The text under a heading, up to the next one of the same depth. */
export function readmeSection(heading: string): string {
  const [, section = ''] = README.split(`\n## ${heading}\n`);
  return section.split('\n## ')[0] ?? '';
}

/** The rows of the tables of a section, headers and rules off, as trimmed cells. */
export function tableRows(section: string): readonly (readonly string[])[] {
  const lines = section.split('\n');
  return lines
    .filter((line, index) => line.startsWith('| ') && !line.startsWith('|--') && !lines[index + 1]?.startsWith('|--'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}
