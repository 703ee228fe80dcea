import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './readme-blocks.ts';
import type { ReadmeServer } from './readme-server.ts';

const MARK = '=== block';

/** For commands beside the server: the port that it listens on is in the links of mails. */
export function environmentOf({ env, http }: ReadmeServer): NodeJS.ProcessEnv {
  return { ...env, AUTHFLOW_HTTP_PORT: new URL(http).port };
}

/** A script of all blocks in turn, each of whose outputs {@link outputsOf} finds again. */
export function marked(blocks: readonly string[]): string {
  return blocks.map((block, index) => `echo '${MARK} ${index}'\n${block}\necho`).join('\n');
}

/** What each block printed. */
export function outputsOf(stdout: string): readonly string[] {
  return stdout.split(new RegExp(`^${MARK} \\d+\\n`, 'm')).slice(1);
}

/** What a block prints where … stands for anything, and ids are any. */
export function printedPattern(printed: string): RegExp {
  const pattern = printed
    .trimEnd()
    .split(/…|[0-9a-f-]{36}/)
    .map((part) => part.replace(/[^\w\s]/g, '\\$&'));
  return new RegExp(`^${pattern.join('[^]*?')}$`);
}

/** Links of a document in `docs/` that lead nowhere inside the repository. */
export function deadLinks(file: string): readonly string[] {
  const text = readFileSync(join(ROOT, 'docs', file), 'utf8');
  const targets = [...text.matchAll(/\]\((?!https?:)([^)#]*)(#[^)]+)?\)/g)];
  return targets.flatMap(([link, path = '', anchor]) => {
    const target = join(ROOT, 'docs', path === '' ? file : path);
    const isThere =
      existsSync(target) && (anchor === undefined || anchorsOf(readFileSync(target, 'utf8')).includes(anchor.slice(1)));
    return isThere ? [] : [link];
  });
}

/** As GitHub makes them of headings. */
function anchorsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
