import type { RunningServer } from '../app/running-server.ts';

/** The organization that `serve --org` named. */
export interface GreetedOrganization {
  readonly orgId: string;
  readonly name: string;
  readonly isClosed: boolean;
  /** Its first key, when it was made just now. */
  readonly apiKey: string | null;
}

/** What a started server has to say. */
export interface Greeting {
  readonly version: string;
  readonly server: Pick<RunningServer, 'httpAddress' | 'grpcAddress' | 'store' | 'firstStart'>;
  readonly organization: GreetedOrganization | null;
  /** Whether a person sees it: a made admin token is shown then; otherwise only the path of its file is. */
  readonly showAdminToken: boolean;
  /** Whether the server runs in the strict profile: the first call is another one there. */
  readonly isStrict: boolean;
}

/** The lines for whoever started the server: where it answers, where the data is, and what to type next. */
export function greeting({ version, server, organization, showAdminToken, isStrict }: Greeting): readonly string[] {
  const { httpAddress, grpcAddress, store, firstStart } = server;
  const facts: [string, string][] = [
    ['HTTP', `${httpAddress}  (/auth, Connect, gRPC-Web)`],
    ['gRPC', grpcAddress],
    ['store', firstStart === null ? store : `${store}  (new)`],
  ];
  if (firstStart !== null) {
    facts.push(['data', firstStart.dataDir]);
    if (firstStart.secretFile !== null) {
      facts.push(['secret', `${firstStart.secretFile}  (new: keep a copy, the store cannot be opened without it)`]);
    }
    if (firstStart.adminToken !== null && showAdminToken) {
      facts.push(['admin token', `${firstStart.adminToken}  (in ${firstStart.adminTokenFile})`]);
    } else if (firstStart.adminTokenFile !== null) {
      facts.push(['admin token', `${firstStart.adminTokenFile}  (new)`]);
    }
  }
  if (organization !== null) {
    facts.push(['organization', `${organization.name}${organization.isClosed ? '  (closed)' : ''}`]);
    facts.push(['org_id', organization.orgId]);
    if (organization.apiKey !== null) {
      facts.push(['api_key', `${organization.apiKey}  (shown this once)`]);
    }
  }
  return [
    `AuthFlow ${version} is running.`,
    ...facts.map(([name, value]) => `  ${name.padEnd(12)}  ${value}`),
    ...(organization === null ? afterStart(firstStart !== null) : firstCall(httpAddress, isStrict)),
  ];
}

function firstCall(httpAddress: string, isStrict: boolean): readonly string[] {
  const call = isStrict
    ? `curl ${httpAddress}/auth/fooBar -H 'x-api-key: af_...' -d 'identity=ada@example.com'`
    : `curl '${httpAddress}/auth/fooBar?identity=ada@example.com'`;
  return ['Next: ask for a nonce', `  ${call}`];
}

function afterStart(isFirst: boolean): readonly string[] {
  return isFirst ? ['Next: make an organization', '  npx authflow org create "My organization"'] : [];
}
