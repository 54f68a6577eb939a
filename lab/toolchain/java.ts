// Temporal's time-skipping test server, a Java program: fetched by Maven into the cache, started by a wrapper script.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { cacheFolder, fillOnce, stampOf } from './cache.ts';
import { installPackages, JAVA_PACKAGES } from './packages.ts';

const POM = resolve(import.meta.dirname, '../tools/temporal-test-server/pom.xml');
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

const WRAPPER = `#!/bin/sh
exec java -cp "$(dirname "$(readlink -f "$0")")/../lib/*" io.temporal.testserver.TestServer "$@"
`;

/** `<cache>/temporal-test-server-<stamp>`, with `bin/temporal-test-server` and `lib/*.jar`. */
export async function placeTestServer(): Promise<{ folder: string; built: boolean }> {
  const folder = join(cacheFolder(), `temporal-test-server-${stampOf(await readFile(POM), WRAPPER)}`);
  return { folder, built: existsSync(folder) };
}

/** Installs Debian's Java and Maven where there is none. @throws when they are missing and can not be installed. */
export async function ensureJava(needsMaven: boolean, onProgress: (message: string) => void): Promise<void> {
  const wanted = needsMaven ? (['java', 'mvn'] as const) : (['java'] as const);
  const present = await Promise.all(
    wanted.map(async (name) => !(await execa(name, ['-version'], { reject: false })).failed),
  );
  if (present.every(Boolean)) return;
  await installPackages(JAVA_PACKAGES, onProgress);
}

/** Fetches the server and its dependencies. Call it with the cache's lock held. */
export async function fetchTestServer(folder: string): Promise<void> {
  await fillOnce(folder, async (partial) => {
    await copyFile(POM, join(partial, 'pom.xml'));
    const fetched = await execa('mvn', ['-q', '-B', COPY_DEPENDENCIES, '-DoutputDirectory=lib'], {
      cwd: partial,
      all: true,
      reject: false,
    });
    if (fetched.failed)
      throw new Error(
        `fetching Temporal's test server with Maven failed:\n${fetched.all ?? fetched.message}`,
      );
    await mkdir(join(partial, 'bin'));
    await writeFile(join(partial, 'bin/temporal-test-server'), WRAPPER, { mode: 0o755 });
  });
}
