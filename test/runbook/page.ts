/** docs/runbook.md as its reader sees it: sections with what is shown, and the commands that are to be typed. */
import { readFile } from 'node:fs/promises';

export interface Section {
  title: string;
  /** Lines of the blocks `sh`, without those for the person. */
  commands: string[];
  /** By the bold words above a block, such as `adopt`; everything else is under the empty name. */
  parts: Map<string, string[]>;
  /** Commands that stand in a sentence, or as a choice of a hold. */
  mentioned: string[];
}

const isCommand = /^(flux-handover|kubectl|flux|git) \S/;

export async function readRunbook(): Promise<Section[]> {
  return sectionsOf(await readFile(new URL('../../docs/runbook.md', import.meta.url), 'utf8'));
}

export function sectionsOf(page: string): Section[] {
  return page
    .split(/^### /m)
    .slice(1)
    .map((text) => sectionOf(text));
}

function sectionOf(text: string): Section {
  const [title = '', ...lines] = text.split('\n');
  const parts = new Map<string, string[]>();
  const mentioned: string[] = [];
  let part = '';
  let fence = '';
  for (const line of lines) {
    const opened = /^```(\w*)$/.exec(line);
    if (opened) fence = fence === '' ? opened[1] || 'text' : '';
    else if (fence === 'sh') {
      if (!line.startsWith('#')) parts.set(part, [...(parts.get(part) ?? []), line]);
    } else if (fence !== '') {
      // Only the choices are indented so; what is longer is wrapped text.
      if (/^ {5}flux-handover /.test(line)) mentioned.push(line.trim());
    } else {
      part = /^\*\*(\w+)\*\*/.exec(line)?.[1] ?? part;
      for (const [, span = ''] of line.matchAll(/`([^`]+)`/g)) if (isCommand.test(span)) mentioned.push(span);
    }
  }
  return { title, parts, mentioned, commands: [...parts.values()].flat() };
}
