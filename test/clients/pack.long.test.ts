import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { type Block, ROOT, readmeBlocks } from '../support/readme-blocks.ts';
import { pass } from './beside-servers.ts';
import { RUST_BUILD } from './rust-build.ts';
import { mavenWithoutOurs, StrangeProject } from './strange-project.ts';

/** What every client says where it has no key. */
const REFUSED = 'set AUTHFLOW_API_KEY';
/** Before the command that starts a program, whose own end is not judged. */
const WITHOUT_KEY = 'unset AUTHFLOW_API_KEY\nexport AUTHFLOW_ADDRESS=127.0.0.1:50051\nexec 2>&1\n';

/** Of docs/clients.md, "Without a clone", after the commands that make the archives. */
const BLOCKS = sectionBlocks();

describe('the archives of npm run pack:clients', { timeout: 600_000 }, () => {
  test('TypeScript: npm installs them', async (context) => {
    needs(context, 'a package registry', ['npm', 'view', '@connectrpc/connect@2.1.2', 'version']);
    const project = await projectWith('typescript');
    project.write('package.json', '{"private":true,"type":"module"}');
    project.write('hello.js', "import { AuthFlowClient } from '@authflow/client';\n\nnew AuthFlowClient();\n");
    await project.run(commands('npm install'));
    expect(await project.run(`${WITHOUT_KEY}node hello.js || true`)).toContain(REFUSED);
  });

  test('Python: pip installs them', async (context) => {
    needs(context, 'Python 3.9 or later with venv', ['python3', '-c', 'import ensurepip, venv']);
    const project = await projectWith('python');
    project.write('hello.py', 'from authflow_client import Client\n\nClient()\n');
    await project.run(commands('pip install'));
    expect(await project.run(`${WITHOUT_KEY}.venv/bin/python hello.py || true`)).toContain(REFUSED);
  });

  test('Go: they replace the modules', async (context) => {
    needs(context, 'Go 1.26 or later', ['go', 'version']);
    const project = await projectWith('go');
    await project.run('go mod init example.com/hello');
    project.write(
      'main.go',
      'package main\n\nimport (\n\t"fmt"\n\n\t"go.authflow.dev/authflow"\n)\n\nfunc main() {\n\t_, err := authflow.New()\n\tfmt.Println(err)\n}\n',
    );
    await project.run(commands('go mod'));
    expect(await project.run(`${WITHOUT_KEY}go run .`)).toContain(REFUSED);
  });

  test('Java: Maven takes them from the folder', async (context) => {
    needs(context, 'Maven 3.8', ['mvn', '-v']);
    needs(context, 'a JDK 17 or later, not a JRE', ['javac', '-version']);
    const project = await projectWith('java');
    project.write('pom.xml', pomWith(blockOf('xml', '<repository>').text));
    project.write(
      'src/main/java/Hello.java',
      'import dev.authflow.client.AuthFlowClient;\n\nclass Hello {\n  public static void main(String[] args) {\n    AuthFlowClient.create();\n  }\n}\n',
    );
    await project.run(commands('authflow-maven'));
    const maven = `mvn -q -B -ntp -Dmaven.repo.local='${mavenWithoutOurs(project)}'`;
    await project.run(`${maven} compile`);
    const hello = `${maven} org.codehaus.mojo:exec-maven-plugin:3.6.3:java -Dexec.mainClass=Hello || true`;
    expect(await project.run(`${WITHOUT_KEY}${hello}`)).toContain(REFUSED);
  });

  test('Rust: Cargo takes them by path', async (context) => {
    needs(context, 'Rust 1.85 or later', ['cargo', '--version']);
    needs(context, 'a C compiler, for TLS', ['cc', '--version']);
    const project = await projectWith('rust');
    await project.run('cargo init --quiet --name hello .');
    project.write(
      'src/main.rs',
      'fn main() {\n    println!("{}", authflow_client::Client::from_env().unwrap_err());\n}\n',
    );
    await project.run(commands('cargo add'));
    // Files of a crate have one fixed date, by which Cargo takes what an older one left there for its own.
    await project.run('cargo clean --quiet -p authflow-client', RUST_BUILD);
    expect(await project.run(`${WITHOUT_KEY}cargo run --quiet`, RUST_BUILD)).toContain(REFUSED);
  });
});

/** A project with a language's archives in its folder, whole as their sums say. */
async function projectWith(language: string): Promise<StrangeProject> {
  const project = new StrangeProject();
  const args = ['run', 'pack:clients', '--', '--out', project.folder, language];
  await pass({ folder: '', command: 'npm', args });
  await project.run('sha256sum --check --ignore-missing SHA256SUMS');
  return project;
}

/** The one block of shell with a text, as it is written. */
function commands(text: string): string {
  return blockOf('sh', text).text;
}

function blockOf(language: string, text: string): Block {
  const [block, ...others] = BLOCKS.filter((each) => each.language === language && each.text.includes(text));
  expect(others).toEqual([]);
  return block ?? expect.fail(`docs/clients.md has no block of ${language} with ${text}`);
}

function sectionBlocks(): readonly Block[] {
  const [, section = ''] = readFileSync(join(ROOT, 'docs/clients.md'), 'utf8').split('\n## Without a clone\n');
  const inSection = section.split('\n## ')[0] ?? '';
  return readmeBlocks('docs/clients.md').filter(({ text }) => inSection.includes(text));
}

function pomWith(repositoryAndDependency: string): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId>
  <artifactId>hello</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  ${repositoryAndDependency}
  <build>
    <pluginManagement>
      <plugins>
        <plugin>
          <groupId>org.apache.maven.plugins</groupId>
          <artifactId>maven-compiler-plugin</artifactId>
          <version>3.14.1</version>
        </plugin>
      </plugins>
    </pluginManagement>
  </build>
</project>
`;
}
