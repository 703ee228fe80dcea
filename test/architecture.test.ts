import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

interface Layer {
  /** Layers it may import besides itself. */
  readonly layers: readonly string[];
  /** Packages and built-in modules that it may touch; null: any that no other layer owns. */
  readonly packages: readonly RegExp[];
}

const LAYERS: Record<string, Layer> = {
  domain: { layers: [], packages: [] },
  crypto: {
    layers: ['domain', 'observability'],
    packages: [
      /^node:(crypto|worker_threads|os|fs|fs\/promises|module|buffer|util|url)$/,
      /^(bcryptjs|jsonwebtoken|bcrypt|otpauth|qr)$/,
    ],
  },
  storage: {
    layers: ['domain', 'observability'],
    packages: [
      /^node:(fs|fs\/promises|path|crypto|timers\/promises|util|module|worker_threads)$/,
      /^(better-sqlite3|pg)$/,
    ],
  },
  mail: { layers: ['domain'], packages: [/^node:crypto$/, /^nodemailer$/] },
  operations: { layers: ['domain'], packages: [/^#gen\//, /^@bufbuild\/protobuf(\/|$)/] },
  transport: {
    layers: ['domain', 'operations', 'observability'],
    packages: [
      /^#gen\//,
      /^node:/,
      /^@grpc\//,
      /^grpc-health-check$/,
      /^@connectrpc\//,
      /^@bufbuild\/protobuf(\/|$)/,
      /^fastify$/,
    ],
  },
  // Nothing of the server's own: a kit that shared its code would be wrong in the same way.
  conformance: {
    layers: [],
    packages: [/^#gen\//, /^node:/, /^@grpc\/grpc-js$/, /^@connectrpc\//, /^@bufbuild\/protobuf(\/|$)/],
  },
  // Of storage the type of what a database is opened with.
  config: { layers: ['storage'], packages: [/^node:(fs|os|path|net|tls|util)$/] },
  observability: { layers: [], packages: [/^node:/, /^prom-client$/] },
  // What several processes share, which neither the store nor a call is: it opens nothing and answers nobody.
  workers: {
    layers: ['domain', 'crypto', 'transport', 'observability'],
    packages: [/^node:(child_process|net|stream)$/],
  },
  app: {
    layers: ['domain', 'operations', 'crypto', 'storage', 'mail', 'transport', 'workers', 'config', 'observability'],
    packages: [/^node:/],
  },
  cli: {
    layers: ['app', 'conformance', 'config', 'domain', 'observability', 'workers'],
    packages: [/^node:/, /^commander$/],
  },
};

const NEVER_IN_TRANSPORT = /^node:(crypto|worker_threads|child_process)$/;

test('every import of src points inward and touches only what its layer owns', () => {
  const crossings = sourceFiles(SRC).flatMap((file) =>
    importsOf(file)
      .filter((specifier) => !isAllowed(file, specifier))
      .map((specifier) => `${relative(SRC, file)} imports ${specifier}`),
  );
  expect(crossings).toEqual([]);
});

test('the rule sees a crossing', () => {
  const inDomain = join(SRC, 'domain', 'auth', 'login.ts');
  expect(isAllowed(inDomain, '../errors.ts')).toBe(true);
  expect(isAllowed(inDomain, 'node:crypto')).toBe(false);
  expect(isAllowed(inDomain, '../../storage/engine.ts')).toBe(false);
  expect(isAllowed(join(SRC, 'transport', 'handlers.ts'), 'better-sqlite3')).toBe(false);
  expect(isAllowed(join(SRC, 'conformance', 'reasons.ts'), '../transport/error-mapping.ts')).toBe(false);
});

function isAllowed(file: string, specifier: string): boolean {
  const name = layerOf(file);
  const layer = LAYERS[name];
  if (layer === undefined) {
    return false;
  }
  if (specifier.startsWith('.')) {
    const target = layerOf(resolve(dirname(file), specifier));
    return target === name || layer.layers.includes(target);
  }
  if (name === 'transport' && NEVER_IN_TRANSPORT.test(specifier)) {
    return false;
  }
  return layer.packages.some((pattern) => pattern.test(specifier));
}

function layerOf(file: string): string {
  return relative(SRC, file).split('/')[0] ?? '';
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const imports = /^(?:import|export)\b[^;'"(=]*\bfrom '([^']+)'|^import '([^']+)'|\b(?:import|require)\('([^']+)'\)/gm;
  return [...text.matchAll(imports)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
