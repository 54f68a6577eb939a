/** Writes docs/reference.md. */
import { mkdir, writeFile } from 'node:fs/promises';
import { reference } from './reference.ts';

const docs = new URL('../../docs/', import.meta.url);
await mkdir(docs, { recursive: true });
await writeFile(new URL('reference.md', docs), reference());
