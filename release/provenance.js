import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Refusal } from './command.js';

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/**
 * What was made, from what, by which command and tools: an in-toto Statement v1 with SLSA's provenance v1.
 *
 * @param {object} release
 * @param {string} release.version
 * @param {boolean} release.isDryRun
 * @param {string} release.commit what was packed
 * @param {string} release.parent what it was made from, by setting the version
 * @param {Readonly<Record<string, string>>} release.tools their versions
 * @param {readonly { readonly name: string, readonly sha256: string }[]} release.subjects
 * @param {Date} release.startedAt
 * @param {Date} release.finishedAt
 */
export function provenance({ version, isDryRun, commit, parent, tools, subjects, startedAt, finishedAt }) {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://authflow.dev/release/v1',
        externalParameters: {
          command: `npm run release -- ${version}${isDryRun ? ' --dry-run' : ''}`,
          version,
          isDryRun,
        },
        internalParameters: { parentCommit: parent },
        resolvedDependencies: [{ name: 'authflow', digest: { gitCommit: commit } }],
      },
      runDetails: {
        builder: { id: 'https://authflow.dev/release/script', version: tools },
        metadata: { startedOn: startedAt.toISOString(), finishedOn: finishedAt.toISOString() },
      },
    },
  };
}

/**
 * The key that a release is signed with.
 *
 * @param {string} file a PEM file with an Ed25519 private key
 * @throws {Refusal} where it is none
 */
export function releaseKey(file) {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType === 'ed25519') {
      return key;
    }
  } catch {
    // Said below, without what the file holds.
  }
  throw new Refusal(`AUTHFLOW_RELEASE_KEY: ${file} is no PEM file with an Ed25519 private key`);
}

/**
 * A statement in a signed envelope of DSSE 1.0. The `keyid` is the SHA-256 of the public key as DER, for who has several to choose from.
 *
 * @param {object} statement
 * @param {import('node:crypto').KeyObject} key
 */
export function signed(statement, key) {
  const payload = Buffer.from(JSON.stringify(statement));
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    payloadType: PAYLOAD_TYPE,
    payload: payload.toString('base64'),
    signatures: [
      {
        keyid: createHash('sha256').update(publicKey).digest('hex'),
        sig: sign(null, signedBytes(PAYLOAD_TYPE, payload), key).toString('base64'),
      },
    ],
  };
}

/**
 * What DSSE signs: its "pre-authentication encoding".
 *
 * @param {string} type
 * @param {Buffer} payload
 */
function signedBytes(type, payload) {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);
}
