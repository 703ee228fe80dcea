import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync, inflateRawSync } from 'node:zlib';
import { run, runForBytes } from './command.js';

const ZIP = /\.(?:jar|whl)$/;

/**
 * Writes a tar.gz that is the same, byte for byte, whoever makes it and when.
 *
 * @param {string} file
 * @param {{ readonly from: string, readonly files: readonly string[], readonly folder: string, readonly epoch: number }} contents
 * the files of `from`, below `folder` in the archive, all of the time `epoch`
 */
export function writeTarGz(file, { from, files, folder, epoch }) {
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--mode=a+rX,u+w,go-w'];
  const args = ['--create', '--file=-', '--format=ustar', '--sort=name', `--mtime=@${epoch}`, ...owner];
  const tar = runForBytes('tar', [...args, `--transform=s,^,${folder}/,`, '--null', '--files-from=-'], {
    cwd: from,
    input: files.join('\0'),
  });
  writeFileSync(file, gzipSync(tar, { level: 9 }));
}

/**
 * Unpacks an archive (tgz, crate, tar.gz, whl), and every jar in it into a folder beside that is named `….jar!`.
 *
 * @param {string} archive
 * @param {string} into an empty folder
 * @returns {readonly string[]} the paths of all files in it, those of jars too
 */
export function unpack(archive, into) {
  mkdirSync(into, { recursive: true });
  if (ZIP.test(archive)) {
    unzip(archive, into);
  } else {
    run('tar', ['--extract', '--gzip', '--file', archive, '--directory', into]);
  }
  for (const jar of filesOf(into).filter((file) => ZIP.test(file))) {
    unzip(join(into, jar), join(into, `${jar}!`));
  }
  return filesOf(into);
}

/**
 * The paths of all files of a folder, relative to it, in order.
 *
 * @param {string} folder
 * @returns {readonly string[]}
 */
export function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/**
 * Enough of the ZIP format (APPNOTE.TXT 6.3, sections 4.3.12 and 4.3.16) for wheels and jars: no ZIP64, no encryption.
 *
 * @param {string} file
 * @param {string} into
 */
function unzip(file, into) {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let entry = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = zip.readUInt16LE(entry + 28);
    const name = zip.toString('utf8', entry + 46, entry + 46 + nameLength);
    if (!name.endsWith('/')) {
      const target = join(into, name);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, contents(zip, entry));
    }
    entry += 46 + nameLength + zip.readUInt16LE(entry + 30) + zip.readUInt16LE(entry + 32);
  }
}

/**
 * @param {Buffer} zip
 * @param {number} entry where its record in the central directory begins
 */
function contents(zip, entry) {
  const header = zip.readUInt32LE(entry + 42);
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const stored = zip.subarray(start, start + zip.readUInt32LE(entry + 20));
  return zip.readUInt16LE(entry + 10) === 0 ? stored : inflateRawSync(stored);
}
