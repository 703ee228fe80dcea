import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Document, parse, parseAllDocuments } from 'yaml';
import { COMMAND_GROUPS } from '../../src/cli/commands.ts';
import { isServiceLink } from '../../src/config/service-links.ts';
import { readSettings } from '../../src/config/settings.ts';
import { SettingsError } from '../../src/config/settings-error.ts';
import { temporaryFile } from '../config/temporary-folder.ts';
import { ROOT } from '../support/readme-blocks.ts';
import { startTestServer } from '../support/running-server.ts';

const FOLDER = join(ROOT, 'deploy/kubernetes');
const MOUNTED_AT = '/run/secrets/authflow/';
/** Values that the Secret could hold. */
const FILLED_IN: Readonly<Record<string, string>> = {
  secret: 's'.repeat(32),
  'admin-token': `afadm_${'A'.repeat(43)}`,
  'database-url': 'postgres://authflow:password@db.example.com/authflow',
};

const manifests = readdirSync(FOLDER).flatMap((name) => documentsOf(readFileSync(join(FOLDER, name), 'utf8')));
const one = (kind: string) => manifests.find((manifest) => manifest.kind === kind);
const deployment = one('Deployment');
const job = one('Job');
const service = one('Service');
const secret = one('Secret');
const pods = [deployment, job].map((manifest) => manifest.spec.template.spec);
const [container] = deployment.spec.template.spec.containers;

test('there is one of each, and every selector finds the nodes alone', () => {
  const kinds = ['Deployment', 'Job', 'PodDisruptionBudget', 'Secret', 'Service'];
  expect(manifests.map(({ kind }) => kind).sort()).toEqual(kinds);
  const { labels } = deployment.spec.template.metadata;
  expect(deployment.spec.selector.matchLabels).toEqual(labels);
  expect(service.spec.selector).toEqual(labels);
  expect(one('PodDisruptionBudget').spec.selector.matchLabels).toEqual(labels);
  expect(job.spec.template.metadata.labels).not.toMatchObject(labels);
});

test('the nodes survive the loss of one, whoever takes it', () => {
  const { replicas, strategy, template } = deployment.spec;
  expect(replicas).toBeGreaterThanOrEqual(2);
  expect(strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
  expect(one('PodDisruptionBudget').spec.maxUnavailable).toBe(1);
  const { topologySpreadConstraints: spread } = template.spec;
  expect(spread.map(({ topologyKey }: { topologyKey: string }) => topologyKey)).toContain('kubernetes.io/hostname');
});

test('the Service gives both ports, by names that make no settings in other pods', () => {
  const targets = service.spec.ports.map(({ targetPort }: { targetPort: string }) => targetPort);
  expect(targets).toEqual(['http', 'grpc']);
  const settings = readSettings({});
  expect(container.ports).toEqual([
    { name: 'http', containerPort: settings.httpPort },
    { name: 'grpc', containerPort: settings.grpcPort },
  ]);
  const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_');
  const links = { [`${prefix}_SERVICE_HOST`]: '10.0.0.11', [`${prefix}_PORT`]: 'tcp://10.0.0.11:8080' };
  expect(Object.entries(links).filter(([name, value]) => !isServiceLink(name, value))).toEqual([]);
  expect(readSettings(links)).toEqual(settings);
});

test('probes ask addresses that are there: a lost database takes a node out of the Service and restarts none', async () => {
  const { startupProbe, livenessProbe, readinessProbe } = container;
  const asked = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet);
  expect(asked).toEqual(['/healthz', '/healthz', '/readyz'].map((path) => ({ path, port: 'http' })));
  await using server = await startTestServer();
  for (const { path } of asked) {
    expect((await fetch(server.httpAddress + path)).status).toBe(200);
  }
});

test('a stop waits longer than proxies need to notice and the server to drain', () => {
  const { terminationGracePeriodSeconds } = deployment.spec.template.spec;
  const [command, seconds] = container.lifecycle.preStop.exec.command;
  expect(command).toBe('sleep');
  expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThan(
    Number(seconds) * 1_000 + readSettings({}).drainTimeoutMs,
  );
});

test('no container is root, writes into the image, or has more rights than it needs', () => {
  expect(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')).toContain('\nUSER node\n');
  for (const pod of pods) {
    expect(pod.automountServiceAccountToken).toBe(false);
    // Node's official images: the user "node" is 1000.
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(pod.containers).toHaveLength(1);
    expect(pod.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.containers[0].resources).toMatchObject({ requests: {}, limits: { memory: expect.any(String) } });
  }
});

describe('the settings', () => {
  test.each(pods.map((pod) => ({ name: pod.containers[0].name as string, pod })))(
    'of $name are accepted once the Secret is filled in',
    ({ pod }) => {
      expect(readSettings(environmentOf(pod, FILLED_IN)).database).toMatchObject({ engine: 'postgres' });
    },
  );

  test('are refused, each by its name, as long as it is not', () => {
    expect(Object.keys(secret.stringData).sort()).toEqual(Object.keys(FILLED_IN).sort());
    const read = () => readSettings(environmentOf(pods[0], secret.stringData));
    expect(read).toThrow(SettingsError);
    for (const name of ['AUTHFLOW_SECRET', 'AUTHFLOW_ADMIN_TOKEN', 'AUTHFLOW_DATABASE_URL']) {
      expect(read).toThrow(name);
    }
  });

  test('name the image that compose.yaml builds, and a command that is there', () => {
    const compose = parse(readFileSync(join(ROOT, 'compose.yaml'), 'utf8'), { merge: true });
    expect(pods.map((pod) => pod.containers[0].image)).toEqual(pods.map(() => compose.services.authflow.image));
    expect(COMMAND_GROUPS.map(({ name }) => name)).toEqual(
      expect.arrayContaining(job.spec.template.spec.containers[0].args),
    );
  });
});

/** Whatever YAML may hold: its schemas are judged by `test/suites/kubernetes.test.ts`. */
type Manifest = ReturnType<Document['toJS']>;

function documentsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text, { strict: true, version: '1.1' }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
}

/** The variables of a pod's container, the files of the Secret in a place of their own. */
function environmentOf(pod: Manifest, values: Readonly<Record<string, string>>): Record<string, string> {
  const [{ secret: volume }] = pod.volumes;
  expect(volume.secretName).toBe(secret.metadata.name);
  const { env } = pod.containers[0];
  return Object.fromEntries(
    env.map(({ name, value }: { name: string; value: string }) => {
      expect(value).toMatch(MOUNTED_AT);
      return [name, temporaryFile(values[value.slice(MOUNTED_AT.length)] ?? '')];
    }),
  );
}
