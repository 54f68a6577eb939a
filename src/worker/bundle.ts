/** The workflow bundle: the prebuilt one beside the compiled program, or one made from the sources. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger, type WorkflowBundleOption } from '@temporalio/worker';

const fromSource = import.meta.url.endsWith('.ts');

/** Compiled: `dist/workflow-bundle.js`. From source: always bundled anew, so that no stale bundle runs; takes about two seconds. */
export async function workflowBundle(logger?: Logger): Promise<WorkflowBundleOption> {
  if (fromSource) return makeBundle(logger);
  // The builder of the program decides whether this code ends up in dist/ or in a folder below it.
  const places = ['./', '../'].map((folder) =>
    fileURLToPath(new URL(`${folder}workflow-bundle.js`, import.meta.url)),
  );
  const codePath = places.find((place) => existsSync(place));
  if (codePath === undefined)
    throw new Error(
      `the workflow bundle is missing (${places.join(', ')}): build the program anew with npm run build`,
    );
  return { codePath };
}

/** Bundles src/workflows with webpack and swc. @throws when workflow code reaches for what a workflow may not have */
export async function makeBundle(logger?: Logger): Promise<{ code: string }> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    ...(logger ? { logger } : {}),
  });
  return { code };
}
