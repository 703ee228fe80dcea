import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Environment } from '../config/environment.ts';
import { ENTRANCE_NAMES, type EntranceName } from '../conformance/entrance.ts';
import { checkConformance } from '../conformance/run.ts';
import { reportJson, reportLines } from '../conformance/table.ts';
import { parseBaseUrl, type TargetTls } from '../conformance/target.ts';
import { UnusableServerError } from '../conformance/world.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';
import { EXIT } from './exit-code.ts';
import { UsageError } from './failure.ts';

/** A key has 46. */
const MOST_KEY_FILE_BYTES = 1_024;

interface ConformanceFlags extends JsonOption {
  readonly baseUrl: string;
  readonly grpc?: string;
  readonly apiKey?: string;
  readonly apiKeyFile?: string;
  readonly managementKeyFile?: string;
  readonly orgId?: string;
  readonly entrance?: readonly string[];
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** `authflow conformance`. Its modules load clients of every protocol: they come with this group alone. */
export const register: Register = (program, { env, output, endWith }) => {
  program
    .command('conformance')
    .description('replay the wire contract against any server; it makes users there that stay')
    .requiredOption('--base-url <URL>', 'the HTTP port, as http://HOST:PORT or https://HOST:PORT')
    .option('--grpc <HOST:PORT>', 'the gRPC port; with https its TLS is asked too')
    .option(
      '--api-key-file <FILE>',
      'holds a key of an organization that is there for tests; by default AUTHFLOW_API_KEY is it',
    )
    .option('--api-key <KEY>', 'the key itself, where others of this machine may see it')
    .option(
      '--management-key-file <FILE>',
      'holds a management key of that organization that may impersonate, or the admin token; by default AUTHFLOW_MANAGEMENT_KEY ' +
        'is it, and settings are changed and put back; without one UserService and settings are left out',
    )
    .option('--org-id <ID>', 'what its organization must be')
    .option('--entrance <NAME...>', `only these: ${ENTRANCE_NAMES.join(', ')}`)
    .option('--ca <FILE>', 'PEM: the authorities to believe, in place of the usual ones')
    .option('--cert <FILE>', 'PEM: the client certificate, with --key')
    .option('--key <FILE>', 'PEM: its private key')
    .option(...JSON_OPTION)
    .action(async (flags: ConformanceFlags) => {
      const options = optionsOf(flags, env);
      try {
        const report = await checkConformance(options);
        await output.lines(...(flags.json ? [JSON.stringify(reportJson(report))] : reportLines(report)));
        if (!report.isConforming) {
          endWith(EXIT.refused);
        }
      } catch (error) {
        if (!(error instanceof UnusableServerError)) {
          throw error;
        }
        await output.notice('authflow: Nothing was checked: no entrance signs up a user and logs them in.');
        for (const line of error.lines) {
          await output.notice(`  ${line}`);
        }
        endWith(EXIT.refused);
      }
    });
};

function optionsOf(flags: ConformanceFlags, env: Environment): Parameters<typeof checkConformance>[0] {
  const baseUrl = parseBaseUrl(flags.baseUrl);
  if (baseUrl === null) {
    throw new UsageError('--base-url must be http://HOST:PORT or https://HOST:PORT, without a path.');
  }
  if (flags.grpc !== undefined && !/^[^/\s]+:\d{1,5}$/.test(flags.grpc)) {
    throw new UsageError('--grpc must be HOST:PORT.');
  }
  if ((flags.cert === undefined) !== (flags.key === undefined)) {
    throw new UsageError('--cert and --key go together.');
  }
  return {
    baseUrl,
    grpcAddress: flags.grpc ?? null,
    apiKey: apiKeyOf(flags, env),
    managementKey: managementKeyOf(flags, env),
    orgId: flags.orgId?.toLowerCase() ?? null,
    entrances: flags.entrance?.map(entranceName) ?? null,
    tls: tlsOf(flags),
  };
}

/** A command line can be read by every user of the machine, and is kept by shells. */
function apiKeyOf({ apiKey, apiKeyFile }: ConformanceFlags, { AUTHFLOW_API_KEY = '' }: Environment): string {
  if (apiKey !== undefined && apiKeyFile !== undefined) {
    throw new UsageError('Give either --api-key-file or --api-key.');
  }
  const key =
    apiKeyFile === undefined
      ? (apiKey ?? AUTHFLOW_API_KEY)
      : keyIn(apiKeyFile, API_KEY, 'API key (af_ and 43 characters)');
  if (key === '') {
    throw new UsageError('Give a key: in AUTHFLOW_API_KEY, in the file of --api-key-file, or as --api-key.');
  }
  return key;
}

function managementKeyOf({ managementKeyFile }: ConformanceFlags, { AUTHFLOW_MANAGEMENT_KEY = '' }: Environment) {
  if (managementKeyFile !== undefined) {
    return keyIn(managementKeyFile, MANAGEMENT_KEY, 'management key or admin token (afm_ or afadm_ and 43 characters)');
  }
  return AUTHFLOW_MANAGEMENT_KEY === '' ? null : AUTHFLOW_MANAGEMENT_KEY;
}

const API_KEY = /^af_[A-Za-z0-9_-]{43}$/;
const MANAGEMENT_KEY = /^af(?:m|adm)_[A-Za-z0-9_-]{43}$/;

/** Of another file nothing may go to a server. */
function keyIn(file: string, form: RegExp, what: string): string {
  const key = contentOf(file, MOST_KEY_FILE_BYTES).toString().trim();
  if (!form.test(key)) {
    throw new UsageError(`${file} holds no ${what}: nothing of it was sent.`);
  }
  return key;
}

function tlsOf({ ca, cert, key }: ConformanceFlags): TargetTls {
  const tls = {
    ...(ca === undefined ? {} : { ca: pemIn(ca) }),
    ...(cert === undefined ? {} : { cert: pemIn(cert) }),
    ...(key === undefined ? {} : { key: pemIn(key) }),
  };
  try {
    createSecureContext(tls);
  } catch {
    throw new UsageError('--ca, --cert and --key must hold PEM, and the key must be that of the certificate.');
  }
  return tls;
}

function pemIn(file: string): Buffer {
  const pem = contentOf(file);
  // OpenSSL takes any file for a list of no authorities.
  if (!pem.includes('-----BEGIN ')) {
    throw new UsageError(`${file} holds no PEM.`);
  }
  return pem;
}

function contentOf(file: string, mostBytes = Number.POSITIVE_INFINITY): Buffer {
  let bytes: number;
  let content: Buffer;
  try {
    bytes = statSync(file).size;
    content = bytes > mostBytes ? Buffer.alloc(0) : readFileSync(file);
  } catch {
    throw new UsageError(`${file} cannot be read.`);
  }
  if (bytes > mostBytes) {
    throw new UsageError(`${file} has ${bytes} bytes, more than ${mostBytes}: it is not what was asked for.`);
  }
  return content;
}

function entranceName(text: string): EntranceName {
  const name = ENTRANCE_NAMES.find((known) => known === text);
  if (name === undefined) {
    throw new UsageError(`--entrance must be one of ${ENTRANCE_NAMES.join(', ')}.`);
  }
  return name;
}
