import type { HttpExchange } from './exchange.ts';

/** What answers a request. Rejects only for a fault of ours. */
export type Endpoint = (exchange: HttpExchange, path: PathParameters) => Promise<void>;

/** The parameters that a request's path holds, by name. */
export type PathParameters = ReadonlyMap<string, string>;

/**
 * `call`: for backends alone, and refused while the server stops. `open`: for anybody at any time, without a body. `page`: for
 * people's browsers, which send forms.
 */
export type Area = 'call' | 'open' | 'page';

/** What there is at one path. */
export interface FoundRoute {
  readonly area: Area;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** The value of the header `Allow`. */
  readonly allow: string;
  readonly path: PathParameters;
}

interface Pattern {
  readonly expression: RegExp;
  readonly route: FoundRoute;
}

const NO_PARAMETERS: PathParameters = new Map();

/**
 * Which paths there are, and what answers their methods. A path matches exactly, by case, and nothing in it is
 * decoded (docs/contract.md, section 1): a rule of a proxy in front that names a path must not be passed by another
 * spelling of it. That is why no general router is used here: they decode.
 */
export class RouteIndex {
  readonly #fixed = new Map<string, FoundRoute>();
  readonly #patterns = new Map<string, Pattern>();

  /** Adds an endpoint at a path, whose parameters are written `{name}`. */
  add(path: string, methods: readonly string[], area: Area, endpoint: Endpoint): void {
    const present = this.#fixed.get(path) ?? this.#patterns.get(path)?.route;
    const endpoints = new Map(present?.endpoints);
    for (const method of methods) {
      endpoints.set(method, endpoint);
    }
    const route = { area, endpoints, allow: [...endpoints.keys(), 'OPTIONS'].join(', '), path: NO_PARAMETERS };
    if (path.includes('{')) {
      this.#patterns.set(path, { expression: expressionOf(path), route });
    } else {
      this.#fixed.set(path, route);
    }
  }

  /** What there is at a path, as it was sent; null for nothing. */
  find(path: string): FoundRoute | null {
    return this.#fixed.get(path) ?? this.#match(path);
  }

  #match(path: string): FoundRoute | null {
    for (const { expression, route } of this.#patterns.values()) {
      const match = expression.exec(path);
      if (match !== null) {
        return { ...route, path: new Map(Object.entries(match.groups ?? {})) };
      }
    }
    return null;
  }
}

/** The names of a path's parameters, in order. */
export function pathParameters(path: string): readonly string[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), (match) => match[1] ?? '');
}

/** Parameters in paths are ids: whatever holds another character is no path of ours. */
function expressionOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[A-Za-z0-9_-]{1,64})')}$`);
}
