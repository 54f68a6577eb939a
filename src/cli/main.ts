#!/usr/bin/env node
/** Entry of the command line. Loads as little as possible, so that `--help` answers at once. */

// Not by an import: the build would load what follows before it, and so without the cache.
// Older Node versions have no such cache and only start more slowly.
process.getBuiltinModule('node:module').enableCompileCache?.();
// No top-level await: the build makes CommonJS of this file, which Node starts faster.
void import('./program.ts').then(({ runCommandLine }) => runCommandLine(process.argv));
