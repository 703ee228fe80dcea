import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { ROOT, readmeBlocks } from '../support/readme-blocks.ts';
import { pass, passBesideServers } from './beside-servers.ts';

const FOLDER = 'clients/java';
const QUIET = ['-q', '-B', '-ntp', '-Dstyle.color=never'];
/** What was compiled before, on the current versions. */
const CURRENT = '!lowest,compiled,spring-boot-4';
/** Makes an organization and puts its key where README and examples look for it. */
const WITH_KEY = `
  export AUTHFLOW_ADDRESS="$AUTHFLOW_TEST_GRPC"
  export AUTHFLOW_API_KEY="$('${process.execPath}' -e '
    fetch(process.env.AUTHFLOW_TEST_HTTP + "/organizations", {
      method: "POST",
      headers: { authorization: "Bearer " + process.env.AUTHFLOW_TEST_ADMIN_TOKEN, "content-type": "application/json" },
      body: JSON.stringify({ name: "README of Java" }),
    }).then((reply) => reply.json()).then((organization) => console.log(organization.api_key))')"
`;

// Maven takes what it needs from its own registry, once: protoc and the generator of stubs are among it.
describe('the Java client', { timeout: 1_200_000 }, () => {
  test('compiles without a warning, and its own tests pass with the lowest versions that it supports', async (context) => {
    needsMaven(context);
    await passBesideServers({ folder: FOLDER, command: 'mvn', args: [...QUIET, 'test'] });
  });

  test('the same classes pass with the current versions, which applications get by default, and on Spring Boot 4', async (context) => {
    needsMaven(context);
    await pass({ folder: FOLDER, command: 'mvn', args: [...QUIET, 'test-compile'] });
    await passBesideServers({ folder: FOLDER, command: 'mvn', args: [...QUIET, 'test', `-P${CURRENT}`] });
  });

  test('packages stubs and client, sources and documentation, and nothing of google.rpc', async (context) => {
    needsMaven(context);
    await pass({ folder: FOLDER, command: 'mvn', args: [...QUIET, 'package', '-DskipTests', '-Prelease'] });
    const classes = await entries('client/target/authflow-client-0.1.0.jar', '.class');
    expect(classes).toContain('dev/authflow/client/AuthFlowClient.class');
    expect(classes).toContain('dev/authflow/v1/AuthServiceGrpc.class');
    expect(classes.filter((entry) => !/^dev\/authflow\/(client|v1)\/[\w$-]+\.class$/.test(entry))).toEqual([]);
    for (const [jar, entry] of [
      ['client/target/authflow-client-0.1.0-sources.jar', 'dev/authflow/client/AuthFlow.java'],
      ['client/target/authflow-client-0.1.0-javadoc.jar', 'dev.authflow.client/dev/authflow/client/AuthFlow.html'],
      ['testing/target/authflow-client-testing-0.1.0.jar', 'dev/authflow/client/testing/AuthFlowFake.class'],
      ['testing/target/authflow-client-testing-0.1.0-javadoc.jar', 'dev/authflow/client/testing/AuthFlowFake.html'],
      [
        'spring-boot-starter/target/authflow-spring-boot-starter-0.1.0.jar',
        'META-INF/spring-configuration-metadata.json',
      ],
    ] as const) {
      expect(await entries(jar)).toContain(entry);
    }
  });

  test('what its README says first works from a clone', async (context) => {
    needsMaven(context);
    const [install, pom, program, run] = readmeBlocks(`${FOLDER}/README.md`);
    const folder = `${FOLDER}/target/readme`;
    rmSync(join(ROOT, folder), { recursive: true, force: true });
    write(join(ROOT, folder, 'pom.xml'), pom?.text);
    write(join(ROOT, folder, 'src/main/java/RoundTrip.java'), program?.text);
    await pass({ folder, command: 'sh', args: ['-ec', (install?.text ?? '').replaceAll('CLONE', ROOT)] });
    const command = (run?.text ?? '').replace(/AUTHFLOW_\w+=\S+ /g, '');
    const commands = `${WITH_KEY}\n${command} | tee printed\ngrep -q '^Ada Lovelace is ' printed`;
    await passBesideServers({ folder, command: 'sh', args: ['-ec', commands] });
  });

  test('the example builds, and its own tests pass', async (context) => {
    needsMaven(context);
    await pass({ folder: FOLDER, command: 'mvn', args: [...QUIET, 'install', '-DskipTests'] });
    await pass({ folder: 'examples/java', command: 'mvn', args: [...QUIET, 'package'] });
  });
});

async function entries(jar: string, ending = ''): Promise<readonly string[]> {
  const listed = await pass({ folder: FOLDER, command: 'jar', args: ['tf', jar] });
  return listed.split('\n').filter((entry) => entry !== '' && entry.endsWith(ending));
}

function write(file: string, text = ''): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function needsMaven(context: TestContext): void {
  needs(context, 'Maven 3.8 and a JDK 17 or later', ['mvn', '-v']);
  needs(context, 'a JDK 17 or later, not a JRE', ['javac', '-version']);
}
