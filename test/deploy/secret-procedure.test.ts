import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { runHere } from '../cli/captured-terminal.ts';
import { MAIN } from '../cli/spawned-cli.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { Backend } from '../security/backend.ts';
import { startServerProcess } from '../security/server-process.ts';
import { needs } from '../support/needs.ts';
import { ROOT } from '../support/readme-blocks.ts';
import { runShell } from '../support/readme-server.ts';
import { sqliteStoreIn } from '../support/stores.ts';

const EMAIL = 'user@example.com';
const [section = ''] =
  /^## Rotate the secret$[\s\S]*?(?=^## )/m.exec(readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')) ?? [];
const [forFile = '', ...forSettings] = [...section.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, text = '']) =>
  text.replaceAll(/^ +/gm, ''),
);

/** A folder with the program in its PATH, and what a store in it is served with. */
function machine(environment: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'authflow'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(join(folder, 'authflow'), 0o755);
  const env = { AUTHFLOW_DATA_DIR: join(folder, 'data'), ...environment };
  const path = { PATH: [folder, process.env.PATH].join(delimiter) };
  const shell = (text: string) => runShell(`cd '${folder}'\nset -e\n${text}`, { ...env, ...path });
  return { folder, env, shell };
}

async function backendOf(env: Readonly<Record<string, string>>, { httpAddress }: { readonly httpAddress: string }) {
  const { stdout } = await runHere(['org', 'create', 'Acme', '--json'], { ...env });
  return new Backend(httpAddress, JSON.parse(stdout).api_key);
}

test('the commands for a secret in its file, and those for one of the settings, rotate it beside a server that runs', async (context) => {
  needs(context, 'openssl', ['openssl', 'version']);
  needs(context, 'bash', ['bash', '--version']);
  // Each waits for half a minute.
  await Promise.all([rotatesItsFile(), rotatesTheSettings()]);
});

async function rotatesItsFile(): Promise<void> {
  const { folder, env, shell } = machine({});
  const server = await startServerProcess(
    { ...sqliteStoreIn(join(folder, 'data')), environment: env },
    { adminToken: null },
  );
  const backend = await backendOf(env, server);
  await backend.signUp(EMAIL);
  const token = (await backend.login(EMAIL)).field('token');
  expect(await shell(forFile)).toMatchObject({ code: 0 });
  expect((await backend.validate(EMAIL, token)).outcome).toBe('OK');
  expect((await backend.login(EMAIL)).outcome).toBe('OK');
  expect(existsSync(join(folder, 'data', 'secret.previous'))).toBe(true);
}

/** A node that is forgotten refuses every call. */
async function rotatesTheSettings(): Promise<void> {
  const { folder, env, shell } = machine({});
  const secretFile = join(folder, 'secrets', 'secret');
  mkdirSync(join(folder, 'secrets'));
  writeFileSync(secretFile, 's'.repeat(32));
  const node = (secrets: Readonly<Record<string, string>>) =>
    startServerProcess(
      { ...sqliteStoreIn(join(folder, 'data')), environment: { ...env, ...secrets } },
      { adminToken: null },
    );
  const before = { AUTHFLOW_SECRET_FILE: secretFile };
  const forgotten = await node(before);
  const backend = await backendOf({ ...env, ...before }, forgotten);
  await backend.signUp(EMAIL);
  const token = (await backend.login(EMAIL)).field('token');

  const [make = '', give = '', rotate = '', ...leaveOut] = forSettings;
  expect(leaveOut).toHaveLength(1);
  expect(await shell(make)).toMatchObject({ code: 0 });
  expect(statSync(join(folder, 'secrets', 'secret-new')).mode & 0o777).toBe(0o600);
  const both = {
    AUTHFLOW_SECRET_FILE: join(folder, 'secrets', 'secret-new'),
    AUTHFLOW_SECRET_PREVIOUS_FILE: secretFile,
  };
  const told = new Backend((await node(both)).httpAddress, backend.apiKey);
  expect((await told.validate(EMAIL, token)).outcome).toBe('OK');
  expect(await shell([give, rotate].join('\n'))).toMatchObject({ code: 0 });
  expect((await told.validate(EMAIL, token)).outcome).toBe('OK');
  expect((await told.login(EMAIL)).outcome).toBe('OK');
  await expect.poll(async () => (await backend.validate(EMAIL, token)).outcome).toBe('UNAVAILABLE');
  expect(await shell([give, ...leaveOut, 'authflow doctor'].join('\n'))).toMatchObject({ code: 0 });
}
