/** Where the tests' Temporal servers come from: the time-skipping one (Java) and the real dev server (`temporal`). */
import './quiet.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { execa } from 'execa';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { searchAttributeNames } from '../../src/workflows/contract.ts';
import { ensureJava, fetchTestServer, placeTestServer } from '../../lab/toolchain/java.ts';
import { freePort } from '../../lab/network/free-port.ts';

/** `TEMPORAL_TEST_SERVER`, or the one of the lab's cache, fetched if need be. */
async function testServer(): Promise<string> {
  const given = process.env['TEMPORAL_TEST_SERVER'];
  if (given) return given;
  const { folder, built } = await placeTestServer();
  await ensureJava(!built, () => {});
  if (!built) await fetchTestServer(folder);
  return `${folder}/bin/temporal-test-server`;
}

/**
 * Started here and not by the SDK, which waits no longer than 5 s: short for Java on a busy machine. `create` is private only in
 * name: it is what createTimeSkipping calls, and the one way to skip time on a server that runs already.
 */
export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const port = await freePort();
  const server = execa(await testServer(), [String(port)], {
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
    env: { JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1 -Xshare:auto' },
  });
  const address = `127.0.0.1:${port}`;
  await answers(address);
  const env = await TestWorkflowEnvironment['create']({
    server: { type: 'existing' },
    address,
    supportsTimeSkipping: true,
  });
  const teardown = env.teardown.bind(env);
  env.teardown = async () => {
    await teardown();
    server.kill();
    await server;
  };
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

/** @throws the last error when nothing answers within a minute */
async function answers(address: string): Promise<void> {
  const until = Date.now() + 60_000;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 5_000 });
      await connection.close();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await delay(200);
    }
  }
}

async function registerSearchAttributes(env: TestWorkflowEnvironment): Promise<void> {
  const keyword = 2;
  await env.connection.operatorService.addSearchAttributes({
    namespace: env.namespace ?? 'default',
    searchAttributes: Object.fromEntries(Object.values(searchAttributeNames).map((name) => [name, keyword])),
  });
}
