/** Builds the command line: a small CommonJS front that answers `--help`, and behind it the work as ES modules. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { defineConfig } from 'tsdown';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const commandFiles = readdirSync(new URL('src/cli/commands/', import.meta.url)).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
);
/** What the front loads only when a command is run, by its name in dist/parts. */
const lazy = [...commandFiles.map((file) => `commands/${file}`), 'attempt.ts', 'terminal.ts'];
const partOf = (file: string): string => basename(file, '.ts');

const shared = { platform: 'node', target: 'node22.18', dts: false, fixedExtension: false } as const;

/** The front leaves the work where the other build puts it. */
const workElsewhere = {
  name: 'work-elsewhere',
  resolveId(source: string) {
    const file = lazy.find((each) => source.endsWith(`/${each}`));
    return file === undefined ? null : { id: `../parts/${partOf(file)}.js`, external: true };
  },
};

/**
 * commander loads `node:child_process` for subcommands that are executables of their own. We have none, and it is a tenth of
 * what `node` takes to start.
 */
const withoutChildProcess = {
  name: 'commander-without-child-process',
  resolveId: (source: string, importer?: string) =>
    /^(node:)?child_process$/.test(source) && importer?.includes('/node_modules/commander/')
      ? '\0no-child-process'
      : null,
  load: (id: string) => (id === '\0no-child-process' ? 'export default {}' : null),
};

export default defineConfig([
  {
    ...shared,
    name: 'work',
    entry: Object.fromEntries(lazy.map((file) => [`parts/${partOf(file)}`, `src/cli/${file}`])),
    format: 'esm',
    // Not beside the front: dist/cli is CommonJS.
    outputOptions: { chunkFileNames: 'parts/[name]-[hash].js' },
  },
  {
    ...shared,
    name: 'front',
    entry: { 'cli/main': 'src/cli/main.ts' },
    // Node starts CommonJS in a third less time than ES modules.
    format: 'cjs',
    minify: true,
    clean: false,
    outExtensions: () => ({ js: '.js' }),
    outputOptions: {
      chunkFileNames: 'cli/[name]-[hash].js',
      // Else the entry would load the program for its sake, before the compile cache is on.
      codeSplitting: { groups: [{ name: 'runtime', test: /rolldown.runtime/ }] },
    },
    define: { FLUX_HANDOVER_VERSION: JSON.stringify(version) },
    deps: { alwaysBundle: ['commander'], onlyBundle: ['commander'] },
    plugins: [workElsewhere, withoutChildProcess],
    onSuccess() {
      writeFileSync(new URL('dist/cli/package.json', import.meta.url), '{ "type": "commonjs" }\n');
    },
  },
]);
