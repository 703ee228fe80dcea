import type { PageLocale } from './page-texts.ts';

/** One field that a person fills in. */
export interface FormField {
  readonly name: string;
  readonly label: string;
  /** As `autocomplete` has it, so that password managers know it. */
  readonly autocomplete: string;
}

export interface Form {
  /** The last part of the address that it is sent to. */
  readonly action: string;
  /** Sent along unseen. */
  readonly token: string;
  readonly fields: readonly FormField[];
  /** Below the first field: what may be entered; null for nothing. */
  readonly hint: string | null;
  readonly button: string;
}

export interface Page {
  readonly locale: PageLocale;
  /** Whose page it is, for people; null where nobody knows. */
  readonly organization: string | null;
  readonly title: string;
  readonly lead: string;
  /** What was wrong with what was sent before; null for nothing. */
  readonly alert: string | null;
  readonly form: Form | null;
}

/** A page as HTML, without script and with nothing from elsewhere. Whatever a text holds is shown as text. */
export function pageHtml({ locale, organization, title, lead, alert, form }: Page): string {
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escaped(organization === null ? title : `${title} – ${organization}`)}</title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<main>
${organization === null ? '' : `<p class="organization">${escaped(organization)}</p>\n`}<h1>${escaped(title)}</h1>
<p>${escaped(lead)}</p>
${alert === null ? '' : `<p class="alert" role="alert">${escaped(alert)}</p>\n`}${form === null ? '' : formHtml(form)}</main>
</body>
</html>
`;
}

function formHtml({ action, token, fields, hint, button }: Form): string {
  const inputs = fields.map((field, index) => fieldHtml(field, index === 0 ? hint : null)).join('');
  return `<form method="post" action="${action}">
<input type="hidden" name="token" value="${escaped(token)}">
${inputs}<button type="submit">${escaped(button)}</button>
</form>
`;
}

function fieldHtml({ name, label, autocomplete }: FormField, hint: string | null): string {
  const described = hint === null ? '' : ` aria-describedby="${name}-hint"`;
  return `<label for="${name}">${escaped(label)}</label>
<input id="${name}" name="${name}" type="password" autocomplete="${autocomplete}" required${described}>
${hint === null ? '' : `<p class="hint" id="${name}-hint">${escaped(hint)}</p>\n`}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Contrasts are 4.5:1 and more in both schemes (WCAG 2.2, 1.4.3); what is pressed is 44 pixels high (2.5.5). */
export const STYLE = `:root {
  color-scheme: light dark;
  --ink: #1b1f24;
  --soft: #555e69;
  --paper: #ffffff;
  --ground: #f3f4f6;
  --line: #8b94a0;
  --accent: #1d4ed8;
  --on-accent: #ffffff;
  --alert: #a31621;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8eaed;
    --soft: #aab2bd;
    --paper: #1c2026;
    --ground: #12151a;
    --line: #7a8492;
    --accent: #8ab4ff;
    --on-accent: #10141b;
    --alert: #ff9a9a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0;
  min-height: 100vh;
  display: grid;
  place-items: start center;
  padding: 12vh 1rem 2rem;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif;
}
main {
  width: 100%;
  max-width: 26rem;
  padding: 2rem;
  background: var(--paper);
  border-radius: 0.75rem;
  overflow-wrap: anywhere;
}
.organization { margin: 0 0 0.25rem; color: var(--soft); font-weight: 600; }
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
label { display: block; margin: 0 0 0.25rem; font-weight: 600; }
input {
  width: 100%;
  min-height: 2.75rem;
  margin: 0 0 1rem;
  padding: 0.5rem 0.75rem;
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  background: transparent;
  color: inherit;
  font: inherit;
}
input:has(+ .hint) { margin-bottom: 0.25rem; }
.hint { color: var(--soft); font-size: 0.875rem; }
.alert { color: var(--alert); font-weight: 600; }
button {
  width: 100%;
  min-height: 2.75rem;
  padding: 0.5rem 1rem;
  border: 0;
  border-radius: 0.5rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media (max-width: 30rem) {
  body { padding: 0; background: var(--paper); }
  main { padding: 1.5rem 1rem; border-radius: 0; }
}
`;
