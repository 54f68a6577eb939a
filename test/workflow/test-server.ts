/** Where the tests' Temporal servers come from: the time-skipping one (Java) and the real dev server (`temporal`). */
import './quiet.ts';
import { execa } from 'execa';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { searchAttributeNames } from '../../src/workflows/contract.ts';
import { ensureJava, fetchTestServer, placeTestServer } from '../../lab/toolchain/java.ts';

/** `TEMPORAL_TEST_SERVER`, or the one of the lab's cache, fetched if need be. */
async function testServer(): Promise<string> {
  const given = process.env['TEMPORAL_TEST_SERVER'];
  if (given) return given;
  const { folder, built } = await placeTestServer();
  await ensureJava(!built, () => {});
  if (!built) await fetchTestServer(folder);
  return `${folder}/bin/temporal-test-server`;
}

export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const path = await testServer();
  // The SDK waits no longer than 5 s for a server, which is short for Java on a busy machine.
  const env = await persistently(() =>
    TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } }),
  );
  await registerSearchAttributes(env);
  return env;
}

/** `TEMPORAL_CLI`, or `temporal` on the PATH. @throws where there is none */
async function temporalProgram(): Promise<string> {
  const given = process.env['TEMPORAL_CLI'];
  if (given) return given;
  const { stdout } = await execa('sh', ['-c', 'command -v temporal'], { reject: false });
  if (!stdout)
    throw new Error(
      'the program temporal is not on the PATH: put the bin folder of the lab’s tools there (node lab/toolchain/main.ts prints it), or set TEMPORAL_CLI',
    );
  return stdout;
}

/** @param dynamicConfig server settings as `key=value`, e.g. to make continue-as-new be suggested early */
export async function devServer(dynamicConfig: string[] = []): Promise<TestWorkflowEnvironment> {
  const path = await temporalProgram();
  const attributes = Object.values(searchAttributeNames).flatMap((name) => [
    '--search-attribute',
    `${name}=Keyword`,
  ]);
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      log: { format: 'pretty', level: 'error' },
      extraArgs: [...attributes, ...dynamicConfig.flatMap((setting) => ['--dynamic-config-value', setting])],
    },
  });
}

async function persistently<Result>(start: () => Promise<Result>, tries = 5): Promise<Result> {
  try {
    return await start();
  } catch (error) {
    if (tries <= 1) throw error;
    return persistently(start, tries - 1);
  }
}

async function registerSearchAttributes(env: TestWorkflowEnvironment): Promise<void> {
  const keyword = 2;
  await env.connection.operatorService.addSearchAttributes({
    namespace: env.namespace ?? 'default',
    searchAttributes: Object.fromEntries(Object.values(searchAttributeNames).map((name) => [name, keyword])),
  });
}
