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
  const env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path: await testServer() } } });
  await registerSearchAttributes(env);
  return env;
}

/** @param dynamicConfig server settings as `key=value`, e.g. to make continue-as-new be suggested early */
export async function devServer(dynamicConfig: string[] = []): Promise<TestWorkflowEnvironment> {
  const path = process.env['TEMPORAL_CLI'] ?? (await execa('sh', ['-c', 'command -v temporal'])).stdout;
  const attributes = Object.values(searchAttributeNames).flatMap((name) => ['--search-attribute', `${name}=Keyword`]);
  return TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path }, extraArgs: [...attributes, ...dynamicConfig.flatMap((setting) => ['--dynamic-config-value', setting])] },
  });
}

async function registerSearchAttributes(env: TestWorkflowEnvironment): Promise<void> {
  const keyword = 2;
  await env.connection.operatorService.addSearchAttributes({
    namespace: env.namespace ?? 'default',
    searchAttributes: Object.fromEntries(Object.values(searchAttributeNames).map((name) => [name, keyword])),
  });
}
