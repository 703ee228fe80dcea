import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filesOf, writeTarGz } from '../archive.js';
import { run } from '../command.js';

const GROUP = 'dev.authflow';
const FOLDER = 'clients/java';
/** Their folders by artifact; the parent has none of its own. */
const MODULES = {
  'authflow-client': 'client',
  'authflow-client-testing': 'testing',
  'authflow-spring-boot-starter': 'spring-boot-starter',
};
const PARENT = 'authflow-java';
const DEPLOY = 'org.apache.maven.plugins:maven-deploy-plugin:3.1.4';
const LIST = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:list';
const REPOSITORY = 'target/authflow-maven';
const RESOLVED = 'target/resolved.txt';

/** @type {import('../languages.js').Language} */
export const java = {
  pack({ checkout, out, version, epoch }) {
    const cwd = join(checkout, FOLDER);
    const repository = join(cwd, REPOSITORY);
    run(
      'mvn',
      [
        ...['-q', '-B', '-ntp', '-Dstyle.color=never', '-Prelease', '-Dmaven.test.skip=true'],
        `-Dproject.build.outputTimestamp=${new Date(epoch * 1000).toISOString()}`,
        `-DaltDeploymentRepository=archive::file://${repository}`,
        ...['-DincludeScope=runtime', `-DoutputFile=${RESOLVED}`],
        ...['package', `${DEPLOY}:deploy`, LIST],
      ],
      { cwd },
    );
    copyFileSync(join(cwd, 'LICENSE'), join(repository, 'LICENSE'));
    // They say when they were written, and are read for ranges of versions alone.
    for (const file of filesOf(repository).filter((each) => basename(each).startsWith('maven-metadata.xml'))) {
      rmSync(join(repository, file));
    }
    writeTarGz(join(out, fileOf(version)), {
      from: repository,
      files: filesOf(repository),
      folder: 'authflow-maven',
      epoch,
    });
  },

  archives(version) {
    const at = paths(version);
    const artifacts = Object.keys(MODULES);
    const files = [
      ...artifacts.flatMap((each) =>
        ['.pom', '.jar', '-sources.jar', '-javadoc.jar'].map((ending) => at(each, ending)),
      ),
      at(PARENT, '.pom'),
    ];
    const exact = files.map((file) => file.replaceAll(/[.+]/g, '\\$&')).join('|');
    return [
      {
        file: fileOf(version),
        belongs: new RegExp(
          `^authflow-maven/LICENSE$|^(?:${exact})(?:\\.md5|\\.sha1|\\.sha256|\\.sha512)?$|-javadoc\\.jar!/|` +
            '\\.jar!/(?:META-INF/|dev/authflow/(?:client|spring|v1)/[\\w/$-]+\\.(?:class|java)$|authflow/v1/\\w+\\.proto$)',
        ),
        holds: ['authflow-maven/LICENSE', ...files],
        says: {
          [at(PARENT, '.pom')]: `<version>${version}</version>`,
          ...Object.fromEntries(artifacts.map((each) => [at(each, '.pom'), `<version>${version}</version>`])),
        },
        packages: artifacts.map((name) => ({ name, purl: purlOf(GROUP, name, version) })),
      },
    ];
  },

  dependencies({ checkout, version }) {
    return Object.fromEntries(
      Object.entries(MODULES).map(([artifact, folder]) => [
        purlOf(GROUP, artifact, version),
        resolved(join(checkout, FOLDER, folder)),
      ]),
    );
  },

  tools: { maven: ['mvn', '--version'], java: ['java', '--version'] },
};

/**
 * What Maven resolved for a module when it was packed; not what is optional or for tests.
 *
 * @param {string} folder
 * @returns {readonly import('../languages.js').Dependency[]}
 */
function resolved(folder) {
  const own = readFileSync(join(folder, 'pom.xml'), 'utf8');
  // `   io.grpc:grpc-api:jar:1.85.1:compile -- module io.grpc`
  const lines = readFileSync(join(folder, RESOLVED), 'utf8').matchAll(
    /^ +([\w.-]+):([\w.-]+):jar:(?:[\w-]+:)?([\w.-]+):\w+(.*)$/gm,
  );
  return Array.from(lines)
    .filter(([, , , , note = '']) => !note.includes('(optional)'))
    .map(([, group = '', artifact = '', version = '']) => ({
      name: `${group}:${artifact}`,
      version,
      purl: purlOf(group, artifact, version),
      isDirect: own.includes(`<artifactId>${artifact}</artifactId>`),
    }));
}

/**
 * The commands that publish an unpacked archive, file by file as they are in it. `ID` and `URL` are those of the registry.
 *
 * @param {{ readonly version: string, readonly folder: string }} archive the folder where it was unpacked
 */
export function deployCommands({ version, folder }) {
  const inArchive = paths(version);
  const at = (/** @type {string} */ artifact, /** @type {string} */ ending) =>
    join(folder, inArchive(artifact, ending));
  const deploy = `mvn ${DEPLOY}:deploy-file -DrepositoryId=ID -Durl=URL`;
  const [parent, ...poms] = [PARENT, ...Object.keys(MODULES)].map((each) => `${deploy} -DpomFile=${at(each, '.pom')}`);
  const jars = Object.keys(MODULES).map(
    (each) => `-Dfile=${at(each, '.jar')} -Dsources=${at(each, '-sources.jar')} -Djavadoc=${at(each, '-javadoc.jar')}`,
  );
  return [`${parent} -Dfile=${at(PARENT, '.pom')}`, ...poms.map((pom, index) => `${pom} ${jars[index]}`)];
}

/**
 * Where the archive has an artifact's files.
 *
 * @param {string} version
 */
function paths(version) {
  return (/** @type {string} */ artifact, /** @type {string} */ ending) =>
    `authflow-maven/dev/authflow/${artifact}/${version}/${artifact}-${version}${ending}`;
}

/** @param {string} version */
function fileOf(version) {
  return `authflow-maven-${version}.tar.gz`;
}

/**
 * @param {string} group
 * @param {string} artifact
 * @param {string} version
 */
function purlOf(group, artifact, version) {
  return `pkg:maven/${group}/${artifact}@${version}`;
}
