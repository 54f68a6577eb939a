/**
 * Which files source-controller leaves out of an artifact: `.sourceignore` files, `spec.ignore`, else its defaults.
 * The patterns look like Git's, but are read as go-git does (plumbing/format/gitignore, fluxcd/pkg/sourceignore): the last
 * match wins, and a file below an excluded folder can be included again.
 */

/** The pattern that keeps a file out of the artifact. */
export interface IgnorePattern {
  text: string;
  /** Folder of the `.sourceignore` it stands in; null for `spec.ignore` and the defaults. */
  folder: string | null;
  /** From 1, in that file. */
  line: number;
}

/** Given a file's path, what keeps it out of the artifact; null where it is shipped. */
export type Ignored = (path: string) => IgnorePattern | null;

interface Pattern extends IgnorePattern {
  /** Folder in which the pattern was written, as path elements. */
  domain: string[];
  elements: Element[];
  include: boolean;
  folderOnly: boolean;
}

/** One part of a pattern, between slashes. */
interface Element {
  text: string;
  matches(name: string): boolean;
}

const versionControl = ['.git/', '.gitignore', '.gitmodules', '.gitattributes'];
const defaults =
  '*.jpg *.jpeg *.gif *.png *.wmv *.flv *.tar.gz *.zip .github/ .circleci/ .travis.yml .gitlab-ci.yml appveyor.yml .drone.yml cloudbuild.yaml codeship-services.yml codeship-steps.yml **/.goreleaser.yml **/.sops.yaml **/.flux.yaml'.split(
    ' ',
  );

/**
 * @param ignoreFiles contents of the `.sourceignore` files by folder ('' is the root)
 * @param ignore `spec.ignore` of the source, or null
 */
export function ignoredBy(ignoreFiles: ReadonlyMap<string, string>, ignore: string | null): Ignored {
  const written = [...ignoreFiles].flatMap(([folder, text]) => read(text, folder, folder));
  const own = [...written, ...(ignore === null ? [] : read(ignore, '', null))];
  // Any pattern of one's own replaces the defaults.
  const patterns = [...versionControl, ...(own.length > 0 ? [] : defaults)]
    .map((line) => parse(line, '', null, 1))
    .concat(own)
    .toReversed();
  return (path) => {
    const elements = path.split('/');
    const decisive = patterns.find((pattern) => matches(pattern, elements));
    return decisive === undefined || decisive.include ? null : decisive;
  };
}

function read(text: string, domain: string, folder: string | null): Pattern[] {
  return text
    .split(/\r?\n/)
    .flatMap((line, index) =>
      line.startsWith('#') || line.trim() === '' ? [] : [parse(line, domain, folder, index + 1)],
    );
}

function parse(line: string, domain: string, folder: string | null, number: number): Pattern {
  const include = line.startsWith('!');
  const body = (include ? line.slice(1) : line).replace(/(?<!\\) +$/, '');
  const folderOnly = body.endsWith('/');
  return {
    text: line,
    folder,
    line: number,
    domain: domain === '' ? [] : domain.split('/'),
    elements: (folderOnly ? body.slice(0, -1) : body)
      .split('/')
      .map((text) => ({ text, matches: nameMatcher(text) })),
    include,
    folderOnly,
  };
}

function matches({ domain, elements, folderOnly }: Pattern, path: string[]): boolean {
  if (path.length <= domain.length || domain.some((element, index) => path[index] !== element)) return false;
  const below = path.slice(domain.length);
  const [only] = elements;
  if (only && elements.length === 1) {
    const at = below.findIndex((name) => only.matches(name));
    return at >= 0 && !(folderOnly && at === below.length - 1);
  }
  return matchesPath(elements, below, folderOnly);
}

/** From the pattern's folder on; what is left of the path lies below the match. */
function matchesPath(elements: Element[], path: string[], folderOnly: boolean): boolean {
  let rest = path;
  let anywhere = false;
  let matched = false;
  for (const [index, element] of elements.entries()) {
    if (element.text === '') anywhere = false;
    else if (element.text === '**') {
      if (index === elements.length - 1) break;
      anywhere = true;
    } else if (element.text.includes('**') || rest.length === 0) return false;
    else {
      const at = anywhere ? rest.findIndex((name) => element.matches(name)) : 0;
      if (!anywhere && !element.matches(rest[0] ?? '')) return false;
      matched = at >= 0;
      rest = at >= 0 ? rest.slice(at + 1) : [];
      anywhere = false;
    }
  }
  return matched && !(folderOnly && rest.length === 0);
}

/** Go's filepath.Match for names without a slash; a malformed pattern matches nothing. */
function nameMatcher(pattern: string): (name: string) => boolean {
  if (!/[*?[\]\\]/.test(pattern)) return (name) => name === pattern;
  const tokens = pattern.match(/\\.|\[\^?(?:\\.|[^\]\\])+\]|[^]/gu) ?? [];
  const singles = tokens.map((token) => (token === '*' ? null : single(token)));
  if (singles.includes(undefined)) return () => false;
  return (name) => matchesTokens(singles as (Single | null)[], Array.from(name));
}

type Single = (character: string) => boolean;

/** What one character of a name must be; undefined for what Go calls a bad pattern. */
function single(token: string): Single | undefined {
  if (token === '?') return () => true;
  if (token === '[' || token === '\\') return undefined;
  if (!token.startsWith('[') || token.length === 1) {
    const literal = token.length > 1 ? token.slice(1) : token;
    return (character) => character === literal;
  }
  try {
    const set = new RegExp(`^${token}$`, 'su');
    return (character) => set.test(character);
  } catch {
    return undefined;
  }
}

/** Null stands for `*`. Goes back to the last star only, so that no pattern takes long. */
function matchesTokens(tokens: (Single | null)[], name: string[]): boolean {
  let [token, at, star, retry] = [0, 0, -1, 0];
  while (at < name.length) {
    const wanted = tokens[token];
    if (wanted === null) {
      star = token;
      token += 1;
      retry = at;
    } else if (wanted?.(name[at] ?? '')) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      token = star + 1;
      retry += 1;
      at = retry;
    } else return false;
  }
  return tokens.slice(token).every((left) => left === null);
}
