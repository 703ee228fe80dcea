import { createHash } from 'node:crypto';

/**
 * A bill of materials in CycloneDX 1.6: the package, and everything that its ecosystem resolves for it today. It is the same, byte for
 * byte, for the same package and dependencies.
 *
 * @param {{ readonly name: string, readonly purl: string }} component
 * @param {object} made
 * @param {string} made.version
 * @param {number} made.epoch when, in seconds since 1970
 * @param {{ readonly file: string, readonly sha256: string }} made.archive what it comes in
 * @param {readonly import('./languages.js').Dependency[]} made.dependencies
 */
export function billOfMaterials({ name, purl }, { version, epoch, archive, dependencies }) {
  const sorted = dependencies.toSorted((left, right) => (left.purl < right.purl ? -1 : 1));
  const bill = {
    version: 1,
    metadata: {
      timestamp: new Date(epoch * 1000).toISOString(),
      lifecycles: [{ phase: 'build' }],
      tools: { components: [{ type: 'application', name: 'authflow release', version }] },
      component: {
        type: 'library',
        'bom-ref': purl,
        name,
        // As its ecosystem writes it.
        version: purl.slice(purl.lastIndexOf('@') + 1),
        licenses: [{ license: { id: 'Apache-2.0' } }],
        purl,
        externalReferences: [
          { type: 'distribution', url: archive.file, hashes: [{ alg: 'SHA-256', content: archive.sha256 }] },
        ],
      },
    },
    components: sorted.map((dependency) => ({
      type: 'library',
      'bom-ref': dependency.purl,
      name: dependency.name,
      version: dependency.version,
      scope: dependency.isForBuilding ? 'excluded' : 'required',
      purl: dependency.purl,
    })),
    dependencies: [{ ref: purl, dependsOn: sorted.filter(({ isDirect }) => isDirect).map((each) => each.purl) }],
    // Which of them needs which other is not told.
    compositions: [{ aggregate: 'incomplete', dependencies: [purl] }],
  };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(bill))}`,
    ...bill,
  };
}

/** @param {string} text its UUID of version 8 (RFC 9562, section 5.8) */
function uuidOf(text) {
  const digest = createHash('sha256').update(text).digest();
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  return digest.toString('hex', 0, 16).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}
