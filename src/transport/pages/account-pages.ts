import { AuthError, type ErrorReason } from '../../domain/errors.ts';
import type { ReadRequest, RequestIdentity } from '../../operations/call.ts';
import { CallReport } from '../../operations/call-report.ts';
import type { Operation } from '../../operations/operation.ts';
import { peerOf } from '../http/admitted.ts';
import type { CallEndpointOptions } from '../http/call-endpoint.ts';
import { readContentType } from '../http/content-type.ts';
import { type HttpExchange, headerOf, queryOf } from '../http/exchange.ts';
import { HttpCall, peerAddressOf } from '../http/http-call.ts';
import { readBody } from '../http/request-body.ts';
import { dropBody } from '../http/rest-of-request.ts';
import type { Endpoint } from '../http/route-index.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import { parameterReader } from '../rest/parameters.ts';
import { stoppingError } from '../stopping.ts';
import { type Form, type FormField, type Page, pageHtml, STYLE } from './page-html.ts';
import { type ActionTexts, PAGE_LOCALES, PAGE_TEXTS, type PageLocale, type PageTexts } from './page-texts.ts';

/** What the links of mails open, by the last part of their addresses. */
export const PAGE_KINDS = ['verify-email', 'reset-password', 'change-email', 'not-me'] as const;

export type PageKind = (typeof PAGE_KINDS)[number];

/** What the token of a link opens at this instant. */
export type TokenLook =
  | {
      readonly outcome: 'good';
      /** The name of the organization. */
      readonly organization: string;
      /** The address that the page speaks of. */
      readonly email: string;
      readonly locale: PageLocale;
    }
  | { readonly outcome: 'invalid' | 'expired' | 'busy' };

/** How long a new password is, and whether it needs characters of each class. */
export interface PasswordRule {
  readonly needsClasses: boolean;
  readonly min: number;
  readonly max: number;
}

/** What the pages show and do. */
export interface PageSources {
  /** Reads, and changes nothing: mail scanners follow links. `busy`: the store cannot be asked. */
  look(kind: PageKind, token: string): Promise<TokenLook>;
  /** What the button of a page does. */
  readonly operations: Readonly<Record<PageKind, Operation>>;
  readonly passwordRule: PasswordRule;
}

/** An address of the pages. */
export interface PageRoute {
  readonly path: string;
  readonly methods: readonly string[];
  readonly serve: Endpoint;
}

const MAX_TOKEN_CHARACTERS = 4096;

/**
 * The pages that the links of mails lead to, for browsers: plain forms, which a GET only shows and a POST sends. They work without a
 * script, take nothing from elsewhere, and tell no other page where they were (docs/security.md, M4).
 */
export function accountPages(sources: PageSources, options: CallEndpointOptions): readonly PageRoute[] {
  const pages = PAGE_KINDS.map((kind) => {
    const show = showing(kind, sources);
    const send = sending(kind, sources, options);
    const serve: Endpoint = (exchange) => (exchange.request.method === 'POST' ? send(exchange) : show(exchange));
    return { path: `/account/${kind}`, methods: ['GET', 'HEAD', 'POST'], serve };
  });
  const style = Buffer.from(STYLE);
  const serveStyle: Endpoint = async ({ response }) => {
    response.writeHead(200, {
      ...PAGE_HEADERS,
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=3600',
      'content-length': style.length,
    });
    response.end(style);
  };
  return [...pages, { path: '/account/style.css', methods: ['GET', 'HEAD'], serve: serveStyle }];
}

type Serve = (exchange: HttpExchange) => Promise<void>;

/** Shows what a link opens. */
function showing(kind: PageKind, sources: PageSources): Serve {
  return async (exchange) => {
    const token = new URLSearchParams(queryOf(exchange)).get('token') ?? '';
    const view = await viewOf(exchange, { kind, token, sources });
    const { outcome } = view.look;
    sendPage(exchange, outcome === 'good' ? { status: 200, page: formPage(view, null) } : faultPage(view, outcome));
  };
}

/** Does what the button says. */
function sending(kind: PageKind, sources: PageSources, options: CallEndpointOptions): Serve {
  const { operations, admission, proxies, heldBytes, isDraining } = options;
  const operation = sources.operations[kind];
  const readParameters = parameterReader(operation.method.input);
  return async (exchange) => {
    const arrivedAt = performance.now();
    const report = () =>
      new CallReport(operations.observer, 'http', operation.method.name, arrivedAt, {
        peerAddress: () => peerAddressOf(exchange, proxies),
      });
    const arrival = isDraining() ? null : admission.arrive(operation, peerOf(exchange));
    if (arrival !== null && arrival.refusal !== null) {
      dropBody(exchange);
      report().refusedUnread(arrival.refusal);
      sendPage(exchange, faultPage(unknownView(exchange, { kind, token: '', sources }), 'busy'));
      return;
    }
    const reading = await readBody(exchange, MAX_MESSAGE_BYTES, heldBytes);
    if (reading.outcome === 'broken') {
      return;
    }
    const body = reading.outcome === 'read' ? reading.body : new Uint8Array(0);
    const sent = new URLSearchParams(isForm(exchange) ? Buffer.from(body).toString('utf8') : '');
    const view = await viewOf(exchange, { kind, token: sent.get('token') ?? '', sources });
    if (reading.outcome === 'read' && view.look.outcome !== 'good') {
      const { outcome } = view.look;
      report().failed(new AuthError(REFUSALS[outcome]));
      sendPage(exchange, faultPage(view, outcome));
      return;
    }
    if (kind === 'reset-password' && view.look.outcome === 'good' && sent.get('newPassword') !== sent.get('repeat')) {
      sendPage(exchange, { status: 400, page: formPage(view, view.texts.resetPassword.different) });
      return;
    }
    const read = (_asked: RequestIdentity): ReadRequest => {
      if (isDraining()) {
        throw stoppingError();
      }
      if (reading.outcome !== 'read') {
        throw new AuthError(reading.outcome === 'crowded' ? 'OVERLOADED' : 'PAYLOAD_TOO_LARGE');
      }
      return readParameters({ path: NO_PARAMETERS, query: '', body, bodyKind: 'form' });
    };
    const call = new HttpCall(exchange, { entrance: 'http', arrivedAt, timeoutMs: null, proxies, read });
    const answer = await operations.answer(operation, call);
    sendPage(exchange, 'reply' in answer ? donePage(view) : failedPage(view, answer.failure.reason));
  };
}

/** What the log and the metrics are told of a token that opens nothing on this page. */
const REFUSALS = { invalid: 'TOKEN_INVALID', expired: 'TOKEN_EXPIRED', busy: 'UNAVAILABLE' } as const;

const NO_PARAMETERS: ReadonlyMap<string, string> = new Map();

function isForm(exchange: HttpExchange): boolean {
  return readContentType(headerOf(exchange, 'content-type') ?? '').mediaType === 'application/x-www-form-urlencoded';
}

interface Asked {
  readonly kind: PageKind;
  readonly token: string;
  readonly sources: PageSources;
}

/** What a page is made of. */
interface View extends Asked {
  readonly look: TokenLook;
  readonly locale: PageLocale;
  readonly texts: PageTexts;
}

async function viewOf(exchange: HttpExchange, asked: Asked): Promise<View> {
  const view = unknownView(exchange, asked);
  if (asked.token === '' || asked.token.length > MAX_TOKEN_CHARACTERS) {
    return view;
  }
  const look = await asked.sources.look(asked.kind, asked.token);
  return look.outcome === 'good'
    ? { ...view, look, locale: look.locale, texts: PAGE_TEXTS[look.locale] }
    : { ...view, look };
}

/** Of a link that nothing is known of: in the language that the browser asks for. */
function unknownView(exchange: HttpExchange, asked: Asked): View {
  const locale = preferredLocale(headerOf(exchange, 'accept-language') ?? '');
  return { ...asked, look: { outcome: 'invalid' }, locale, texts: PAGE_TEXTS[locale] };
}

/** The first language of the list that there are pages in. Browsers send the best one first. */
function preferredLocale(acceptLanguage: string): PageLocale {
  const wanted = acceptLanguage.slice(0, 200).toLowerCase().split(',');
  const languages = wanted.map((range) => range.trim().slice(0, 2));
  return languages.flatMap((language) => PAGE_LOCALES.filter((locale) => locale === language))[0] ?? 'en';
}

interface SentPage {
  readonly status: number;
  readonly page: Page;
}

function formPage(view: View, alert: string | null): Page {
  const { title, lead } = actionTexts(view);
  return { ...frameOf(view), title, lead, alert, form: formOf(view) };
}

function donePage(view: View): SentPage {
  const { done, doneLead } = actionTexts(view);
  return { status: 200, page: { ...frameOf(view), title: done, lead: doneLead, alert: null, form: null } };
}

type Fault = Exclude<keyof PageTexts['faults'], 'title'>;

const FAULTS: Partial<Record<ErrorReason, Fault>> = {
  TOKEN_INVALID: 'invalid',
  INVALID_ARGUMENT: 'invalid',
  TOKEN_EXPIRED: 'expired',
  PAYLOAD_TOO_LARGE: 'invalid',
  USER_EXISTS: 'taken',
  OVERLOADED: 'busy',
  RATE_LIMITED: 'busy',
  UNAVAILABLE: 'busy',
  DEADLINE_EXCEEDED: 'busy',
};

const STATUSES: Readonly<Record<Fault, number>> = { invalid: 410, expired: 410, taken: 409, busy: 503, broken: 500 };

function faultPage(view: View, fault: Fault): SentPage {
  const { title, [fault]: lead } = view.texts.faults;
  return { status: STATUSES[fault], page: { ...frameOf(view), title, lead, alert: null, form: null } };
}

/** A password that does not fit can be mended on the page; what else went wrong is told. */
function failedPage(view: View, reason: ErrorReason): SentPage {
  const isMendable = reason === 'PASSWORD_POLICY' || reason === 'INVALID_ARGUMENT';
  if (view.kind === 'reset-password' && view.look.outcome === 'good' && isMendable) {
    return { status: 400, page: formPage(view, view.texts.resetPassword.unfit) };
  }
  return faultPage(view, FAULTS[reason] ?? 'broken');
}

function frameOf({ look, locale }: View): Pick<Page, 'locale' | 'organization'> {
  return { locale, organization: look.outcome === 'good' ? look.organization : null };
}

function formOf({ kind, token, texts, sources }: View): Form {
  const { button } = textsOf(kind, texts);
  if (kind !== 'reset-password') {
    return { action: kind, token, fields: [], hint: null, button };
  }
  const { newPassword, repeat, classesRule, lengthRule } = texts.resetPassword;
  const { needsClasses, min, max } = sources.passwordRule;
  const fields: readonly FormField[] = [
    { name: 'newPassword', label: newPassword, autocomplete: 'new-password' },
    { name: 'repeat', label: repeat, autocomplete: 'new-password' },
  ];
  const rule = needsClasses ? classesRule : lengthRule;
  const hint = rule.replace('{min}', String(min)).replace('{max}', String(max));
  return { action: kind, token, fields, hint, button };
}

/** With the address in its place. */
function actionTexts({ kind, texts, look }: View): ActionTexts {
  const action = textsOf(kind, texts);
  const email = look.outcome === 'good' ? look.email : '';
  return { ...action, lead: action.lead.replace('{email}', () => email) };
}

function textsOf(kind: PageKind, texts: PageTexts): ActionTexts {
  switch (kind) {
    case 'verify-email':
      return texts.verifyEmail;
    case 'reset-password':
      return texts.resetPassword;
    case 'change-email':
      return texts.changeEmail;
    case 'not-me':
      return texts.notMe;
  }
}

/** No script, no frame, nothing from elsewhere, and nobody is told the address, which holds the token. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
} as const;

function sendPage({ response }: HttpExchange, { status, page }: SentPage): void {
  const html = pageHtml(page);
  response.writeHead(status, {
    ...PAGE_HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'content-language': page.locale,
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(html),
  });
  response.end(html);
}
