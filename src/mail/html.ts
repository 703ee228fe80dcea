/** A paragraph, in which links stand as their addresses, or what there is to do. */
export type Part =
  | { readonly kind: 'paragraph'; readonly pieces: readonly (string | { readonly url: string })[] }
  | { readonly kind: 'action'; readonly label: string; readonly url: string; readonly note: string };

export interface Page {
  /** RFC 5646. */
  readonly language: string;
  readonly title: string;
  readonly parts: readonly Part[];
}

/** One column of text, with nothing from elsewhere. Readers that know no style sheets show it as it is; dark ones darken it. */
export function htmlOf({ language, title, parts }: Page): string {
  return `<!DOCTYPE html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; background: #ffffff; color: #1a1a1a; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 34em; margin: 0 auto; padding: 24px 16px; overflow-wrap: anywhere; }
a { color: #0b57d0; }
.action a { display: inline-block; padding: 10px 18px; border-radius: 6px; background: #0b57d0; color: #ffffff; text-decoration: none; }
.note { color: #595959; font-size: 14px; }
@media (prefers-color-scheme: dark) {
  body { background: #16181c; color: #ececec; }
  a { color: #a8c7fa; }
  .action a { background: #a8c7fa; color: #062e6f; }
  .note { color: #b3b3b3; }
}
</style>
</head>
<body>
<main>
${parts.map(partOf).join('\n')}
</main>
</body>
</html>
`;
}

function partOf(part: Part): string {
  if (part.kind === 'action') {
    return `<p class="action"><a href="${escaped(part.url)}">${escaped(part.label)}</a></p>
<p class="note">${escaped(part.note)}<br>${linkTo(part.url)}</p>`;
  }
  const pieces = part.pieces.map((piece) =>
    typeof piece === 'string' ? escaped(piece).replaceAll('\n', '<br>\n') : linkTo(piece.url),
  );
  return `<p>${pieces.join('')}</p>`;
}

function linkTo(url: string): string {
  return `<a href="${escaped(url)}">${escaped(url)}</a>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
