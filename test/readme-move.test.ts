import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runHere } from './cli/captured-terminal.ts';
import { MAIN } from './cli/spawned-cli.ts';
import { temporaryFolder } from './config/temporary-folder.ts';
import { postgresUnderTest, sharedPostgres } from './support/postgres/shared.ts';
import { readmeBlocks, readmeSection } from './support/readme-blocks.ts';

const URL_OF_README = /'postgres:\/\/[^']*'/;

test('the steps of the README move a store to PostgreSQL, where the next command finds it', async () => {
  const section = readmeSection('From one file to PostgreSQL');
  const steps = readmeBlocks().filter(({ language, text }) => language === 'bash' && section.includes(text));
  expect(steps).toHaveLength(1);
  const folder = temporaryFolder();
  const { url, schema, remove } = (await sharedPostgres()).freshSchema();
  onTestFinished(remove);
  const before = { AUTHFLOW_DATA_DIR: join(folder, 'data') };
  await runHere(['migrate'], before);
  await runHere(['org', 'create', 'Acme'], before);

  const script = [...steps.map(({ text }) => text), 'npx authflow org list --json'].join('\n');
  expect(script).toMatch(URL_OF_README);
  const typed = script.replace(URL_OF_README, `'${url}'`).replaceAll('npx authflow', `'${process.execPath}' '${MAIN}'`);
  const child = spawn('bash', ['-euo', 'pipefail', '-c', typed], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      AUTHFLOW_DATABASE_SCHEMA: schema,
      AUTHFLOW_DATABASE_NAMED_STATEMENTS: String(postgresUnderTest().namedStatements),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  const [code] = await once(child, 'close');
  expect({ code, printed }).toMatchObject({ code: 0, printed: expect.stringContaining('"Acme"') });
  expect(await runHere(['org', 'list'], before)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('was moved'),
  });
});
