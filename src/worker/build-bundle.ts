/** Writes dist/workflow-bundle.js: run by `npm run build`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { makeBundle } from './bundle.ts';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
await mkdir(dist, { recursive: true });
const { code } = await makeBundle();
await writeFile(`${dist}workflow-bundle.js`, code);
