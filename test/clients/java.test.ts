import { describe, expect, type TestContext, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { pass, passBesideServers } from './beside-servers.ts';

const FOLDER = 'clients/java';
const QUIET = ['-q', '-B', '-ntp', '-Dstyle.color=never'];

// Maven takes what it needs from its own registry, once: protoc and the generator of stubs are among it.
describe('the Java client', { timeout: 1_200_000 }, () => {
  test('compiles without a warning, and its own tests pass with the lowest versions that it supports', async (context) => {
    needsMaven(context);
    await passBesideServers({ folder: FOLDER, command: 'mvn', args: [...QUIET, 'test'] });
  });

  test('the same classes pass with the highest versions', async (context) => {
    needsMaven(context);
    await pass({ folder: FOLDER, command: 'mvn', args: [...QUIET, 'test-compile'] });
    await passBesideServers({ folder: FOLDER, command: 'mvn', args: [...QUIET, 'surefire:test', '-Phighest'] });
  });

  test('packages stubs and client, and nothing of google.rpc', async (context) => {
    needsMaven(context);
    await pass({ folder: FOLDER, command: 'mvn', args: [...QUIET, 'package', '-DskipTests'] });
    const packaged = await pass({ folder: FOLDER, command: 'jar', args: ['tf', 'target/authflow-client-0.1.0.jar'] });
    const classes = packaged.split('\n').filter((entry) => entry.endsWith('.class'));
    expect(classes).toContain('dev/authflow/client/AuthFlowClient.class');
    expect(classes).toContain('dev/authflow/v1/AuthServiceGrpc.class');
    expect(classes.filter((entry) => !/^dev\/authflow\/(client|v1)\//.test(entry))).toEqual([]);
  });
});

function needsMaven(context: TestContext): void {
  needs(context, 'Maven 3.8 and a JDK 11 or later', ['mvn', '-v']);
  needs(context, 'a JDK 11 or later, not a JRE', ['javac', '-version']);
}
