import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { ALARMS } from '../../src/app/audit-trail.ts';
import { CALLER_CLASSES } from '../../src/domain/caller.ts';
import { ERROR_REASONS } from '../../src/domain/errors.ts';
import { Metrics } from '../../src/observability/metrics.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { needs } from '../support/needs.ts';
import { ROOT } from '../support/readme-blocks.ts';

const RULES = join(ROOT, 'deploy/prometheus/authflow.rules.yaml');
const CASES = join(import.meta.dirname, 'alerts.cases.yaml');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const text = readFileSync(RULES, 'utf8');
const cases = readFileSync(CASES, 'utf8');
const rules: readonly Rule[] = parse(text, { strict: true }).groups.flatMap((group: { rules: Rule[] }) => group.rules);
const expressions = rules.map(({ expr }) => expr).join('\n');

describe('promtool', () => {
  beforeEach((context) => needs(context, 'promtool: apt-get install prometheus', ['promtool', '--version']));

  test('takes the rules, and refuses one that is misspelt', () => {
    expect(promtool('check', 'rules', RULES)).toMatchObject({ status: 0 });
    const file = join(temporaryFolder(), 'rules.yaml');
    writeFileSync(file, text.replace('sum by (job', 'sum bye (job'));
    expect(promtool('check', 'rules', file)).toMatchObject({ status: 1 });
  });

  test('sees each alert come for what it is for, and stay away from what mends itself', () => {
    expect(promtool('test', 'rules', CASES)).toMatchObject({ status: 0 });
  });
});

test('there are eight alerts, each with its wait, severity, sentence and a place in the manual', () => {
  expect([...new Set(rules.map(({ alert }) => alert))]).toHaveLength(8);
  const manual = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  for (const rule of rules) {
    expect(rule.for).toMatch(/^\d+[ms]$/);
    expect(['critical', 'warning']).toContain(rule.labels.severity);
    expect(rule.annotations.summary).toMatch(/^[^\n]+\.$/);
    expect(rule.annotations.runbook).toBe(`docs/operations.md#${rule.alert.toLowerCase()}`);
    expect(manual).toContain(`\n### ${rule.alert}\n`);
  }
});

test('every metric that they ask for is one that a server renders', async () => {
  const asked = new Set(expressions.match(/\bauthflow_\w+/g));
  const rendered = await renderedMetrics();
  expect([...asked].filter((name) => !rendered.has(name))).toEqual([]);
});

test('W12: every alarm of the audit log has a case that its rule is tried with', () => {
  const tried = new Set(Array.from(cases.matchAll(/alarm="(\w+)"/g), ([, alarm]) => alarm));
  expect(Object.values(ALARMS).filter((alarm) => !tried.has(alarm))).toEqual([]);
});

test('every reason and class of caller that they ask for exists', () => {
  const known: Readonly<Record<string, readonly string[]>> = { reason: ERROR_REASONS, caller_class: CALLER_CLASSES };
  for (const [label, values] of Object.entries(known)) {
    const named = [...expressions.matchAll(new RegExp(`${label}=~"([^"]+)"`, 'g'))].flatMap(([, or]) => or?.split('|'));
    expect(named).not.toEqual([]);
    expect(values).toEqual(expect.arrayContaining(named));
  }
});

/** The names of all that a server counts. */
async function renderedMetrics(): Promise<ReadonlySet<string>> {
  const metrics = new Metrics();
  onTestFinished(() => metrics.close());
  metrics.watchStore(() => ({ idle: 0, busy: 0, waiting: 0, connectionFailures: 0, losses: 0 }));
  metrics.watchHashQueue({ length: () => 0, hashes: () => 0, refused: () => ({ no_key: 0 }) });
  const outbox = { waiting: 0, kept: 0, failed: 0, oldestDueMs: 0 };
  metrics.watchMail(() => ({ sent: 0, failed: 0, refusals: 0, outbox }));
  metrics.watchHeldBytes(() => 0);
  const shed = [{ call: 'login', callerClass: 'unknown', count: 0 }];
  metrics.watchAdmission(() => ({ shed, level: 0, standingLagSeconds: 0, ended: 0 }));
  const page = await metrics.render({ ...metrics.snapshot(), workers: { running: 2, replaced: 0 } });
  return new Set(Array.from(page.matchAll(/^# TYPE (\w+) /gm), ([, name = '']) => name));
}

function promtool(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
