/** What goes wrong with files: typing errors, merges, broken tools, other people's habits, and malice. */
import type { FuzzRepository } from './repository.ts';
import type { Random } from './random.ts';

/** Changes a repository in place; tells in words what it did. */
type Mutation = (repository: FuzzRepository, random: Random) => string;

const values = [
  'yes',
  'off',
  'null',
  '~',
  '{}',
  '[]',
  '0777',
  '1e999',
  '.nan',
  '""',
  "''",
  '"\\u0000"',
  '${VAR}',
  '${VAR:=x}',
  '{{ x }}',
  '*nobody',
  '&again x',
  '!!binary AAAA',
  '!custom x',
  '|',
  '>-',
  '? x',
  '- x',
  '2001-01-01',
  '1:30',
  '@x',
  '`x`',
  '%x',
  'x: y',
  '#',
  '../../../..',
  '/',
  '.',
  'https://example.com/x?ref=y',
  '\u{1F600}',
  'a\u00ADb',
  'x'.repeat(5000),
];
const lines = [
  'prune: false',
  '  prune: false',
  '  suspend: true',
  'kind: List',
  'kind: Kustomization',
  'kind: FluxInstance',
  '---',
  '...',
  '%YAML 1.1',
  '  - ./x',
  'resources: [.]',
  'resources: [..]',
  'resources: [../../..]',
  'components: [../x]',
  'namePrefix: x-',
  'namespace: other',
  '{{ if .x }}',
  '{% raw %}',
  '<<<<<<< HEAD',
  '>>>>>>> theirs',
  '\t',
  '\tx: y',
  '# comment',
  '  ',
  'spec:',
  'spec: {}',
  'metadata: []',
];

function someFile({ files }: FuzzRepository, random: Random): [path: string, content: Buffer] {
  // Flux's own files are where it hurts.
  const paths = [...files.keys()];
  const telling = paths.filter((path) => /flux|kustomization|ks\.yaml|gotk|cluster|apps\.yaml/.test(path));
  const path = random.pick(telling.length > 0 && random.chance(0.8) ? telling : paths);
  return [path, files.get(path) ?? Buffer.alloc(0)];
}

/** Changes the text of one file. */
function onText(what: string, change: (text: string, random: Random) => string): Mutation {
  return (repository, random) => {
    const [path, content] = someFile(repository, random);
    repository.files.set(path, Buffer.from(change(content.toString('utf8'), random)));
    return `${what} in ${path}`;
  };
}

/** Changes the lines of one file. */
function onLines(what: string, change: (rows: string[], at: number, random: Random) => void): Mutation {
  return onText(what, (text, random) => {
    const rows = text.split('\n');
    change(rows, random.below(rows.length), random);
    return rows.join('\n');
  });
}

function inRange(random: Random, from: number, to: number): number {
  return from + random.below(to - from);
}

export const mutations: Mutation[] = [
  (repository, random) => {
    const [path, content] = someFile(repository, random);
    repository.files.set(path, content.subarray(0, random.below(content.length + 1)));
    return `truncate ${path}`;
  },
  (repository, random) => {
    const [path, content] = someFile(repository, random);
    const bytes = Buffer.from(content);
    for (let count = 1 + random.below(4); count > 0 && bytes.length > 0; count -= 1)
      bytes[random.below(bytes.length)] = random.below(256);
    repository.files.set(path, bytes);
    return `random bytes in ${path}`;
  },
  (repository, random) => {
    const [path] = someFile(repository, random);
    repository.files.set(
      path,
      Buffer.from(Array.from({ length: random.below(4000) }, () => random.below(256))),
    );
    return `nothing but random bytes in ${path}`;
  },
  onLines('a line removed', (rows, at) => void rows.splice(at, 1)),
  onLines('a line twice', (rows, at) => void rows.splice(at, 0, rows[at] ?? '')),
  onLines('two lines swapped', (rows, at, random) => {
    const other = random.below(rows.length);
    [rows[at], rows[other]] = [rows[other] ?? '', rows[at] ?? ''];
  }),
  onLines('an indent moved', (rows, at, random) => {
    const row = rows[at] ?? '';
    rows[at] = random.chance(0.5) ? row.replace(/^ {1,2}/, '') : `${random.pick([' ', '  ', '\t'])}${row}`;
  }),
  onLines('a strange line', (rows, at, random) => void rows.splice(at, 0, random.pick(lines))),
  onLines('a strange value', (rows, at, random) => {
    rows[at] = (rows[at] ?? '').replace(/(?<=:\s|-\s).*$/, () => random.pick(values));
  }),
  onLines('an anchor', (rows, at) => {
    rows[at] = (rows[at] ?? '').replace(/(?<=:\s)(?=\S)/, '&here ');
    rows.splice(at + 1, 0, (rows[at] ?? '').replace(/(?<=:\s).*$/, '*here').replace(/\w+:/, 'again:'));
  }),
  onText('a document twice', (text, random) => {
    const documents = text.split(/^---.*\n/m);
    return [...documents, random.pick(documents)].join('\n---\n');
  }),
  onText('documents in another order', (text) =>
    text
      .split(/^---.*\n/m)
      .toReversed()
      .join('\n---\n'),
  ),
  onText('a List', (text) => {
    const items = text.split(/^---.*\n/m).filter((document) => /^\w/m.test(document));
    return `apiVersion: v1\nkind: List\nitems:\n${items.map((item) => `- ${item.trim().replaceAll('\n', '\n  ')}\n`).join('')}`;
  }),
  onText('carriage returns', (text) => text.replaceAll('\n', '\r\n')),
  onText('a carriage return here and there', (text, random) =>
    text.replaceAll('\n', () => (random.chance(0.2) ? '\r\n' : '\n')),
  ),
  onLines('many blank lines', (rows, at, random) => {
    rows.splice(at, 0, ...Array.from({ length: 200 }, () => random.pick(['', '  ', '\t', '# x'])));
  }),
  onText('a byte order mark', (text) => `\uFEFF${text}`),
  onText('tabs', (text) => text.replaceAll('  ', '\t')),
  onText('JSON-like flow style', (text) =>
    text.replaceAll(/^(\w+):\n((?: {2}.*\n)+)/gm, '$1: {x: 1,\n$2}\n'),
  ),
  onText(
    'deep flow nesting',
    (text, random) => `${text}\ndeep: ${'['.repeat(inRange(random, 10, 60_000))}\n`,
  ),
  onText('deep closed nesting', (text, random) => {
    const depth = inRange(random, 10, 3000);
    return `${text}\ndeep: ${'['.repeat(depth)}${']'.repeat(depth)}\n`;
  }),
  onText('deep block nesting', (text, random) => {
    const rows = Array.from({ length: inRange(random, 10, 1200) }, (_, depth) => `${' '.repeat(depth)}x:\n`);
    return `${text}\n${rows.join('')}`;
  }),
  onText('laughter', (text) => {
    const rows = Array.from(
      { length: 9 },
      (_, depth) => `l${depth}: &l${depth} [${depth === 0 ? 'ha' : `*l${depth - 1}, `.repeat(9)}]\n`,
    );
    return `${rows.join('')}${text}`;
  }),
  onText('names of other objects', (text, random) => {
    const names = [...new Set([...text.matchAll(/name: &?\S* ?([\w-]+)/g)].map((match) => match[1] ?? ''))];
    return names.length < 2 ? text : text.replaceAll(random.pick(names), random.pick(names));
  }),
  (repository, random) => {
    const [[left, a], [right, b]] = [someFile(repository, random), someFile(repository, random)];
    repository.files.set(left, b).set(right, a);
    return `contents of ${left} and ${right} swapped`;
  },
  (repository, random) => {
    const [[from, content], [beside]] = [someFile(repository, random), someFile(repository, random)];
    const to = beside.replace(/[^/]+$/, `copy-${random.below(9)}.yaml`);
    repository.files.set(to, content);
    return `${from} copied to ${to}`;
  },
  (repository, random) => {
    const [path] = someFile(repository, random);
    repository.files.delete(path);
    return `${path} removed`;
  },
  (repository, random) => {
    const [path] = someFile(repository, random);
    repository.oddities.set(path, random.pick(['symlink', 'submodule'] as const));
    return `${path} is a link or a submodule`;
  },
  (repository, random) => {
    const patterns = [
      '*',
      '/*',
      '!/kubernetes',
      'apps/',
      '**/flux',
      '[',
      '\\',
      '!!',
      '*.yaml',
      'kubernetes/**/app/',
    ];
    repository.files.set(
      '.sourceignore',
      Buffer.from(`${random.pick(patterns)}\n${random.pick(patterns)}\n`),
    );
    return '.sourceignore with odd patterns';
  },
  (repository, random) => {
    const [path] = someFile(repository, random);
    const kustomization = path.replace(
      /[^/]+$/,
      random.pick(['kustomization.yaml', 'Kustomization', 'kustomization.yml']),
    );
    const entry = random.pick(['.', '..', '../..', './', 'nowhere', '']);
    repository.files.set(kustomization, Buffer.from(`resources:\n  - ${entry}\n`));
    return `${kustomization} lists "${entry}"`;
  },
];

const megabytes = 10;

/** Seldom, because each takes seconds of building: files of ten megabytes. */
export const hugeMutations: Mutation[] = [
  onText('a huge scalar', (text) => `${text}\nhuge: "${'x'.repeat(megabytes * 1e6)}"\n`),
  onText('a huge comment', (text) => `${`# ${'x'.repeat(100)}\n`.repeat(megabytes * 1e4)}${text}`),
  onText('a huge list', (text) => `${text}\nhuge:\n${'  - entry: 1\n'.repeat((megabytes * 1e6) / 13)}`),
  onText('a huge map', (text) => {
    const rows = Array.from({ length: (megabytes * 1e6) / 14 }, (_, index) => `  key${index}: x\n`);
    return `${text}\nhuge:\n${rows.join('')}`;
  }),
  onText('a huge number of documents', (text) => {
    const document = '---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n';
    return `${text}\n${document.repeat((megabytes * 1e6) / document.length)}`;
  }),
  onText('its own text over and over', (text) => `${text}\n---\n`.repeat(2000)),
];
