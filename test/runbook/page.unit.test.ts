/** No command of the runbook is without a try. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readRunbook, sectionsOf } from './page.ts';
import { tries } from './tries.ts';

const sections = await readRunbook();
/** Typed by the suite itself, on its way to the held states. */
const heldByTheSuite = new Set(['flux-handover pause edge', 'flux-handover rollback edge']);

test('every section with commands has a try, and every try a section', () => {
  expect(sections.length).toBeGreaterThan(15);
  const titles = sections.filter(({ commands }) => commands.length > 0).map(({ title }) => title);
  expect(titles.toSorted()).toEqual(Object.keys(tries).toSorted());
});

test('the test of held states names every section that it is to bring about', async () => {
  const suite = await readFile(new URL('held-states.test.ts', import.meta.url), 'utf8');
  const held = Object.keys(tries).filter((title) => tries[title] === 'held');
  expect(held.filter((title) => !suite.includes(`'${title}'`))).toEqual([]);
});

test('a command in a sentence or a choice is typed in some section, too', () => {
  const words = (command: string): string => command.replace(/ --reason .*$/, '');
  const typed = new Set(sections.flatMap(({ commands }) => commands).map(words));
  const missing = sections
    .flatMap(({ mentioned }) => mentioned.map(words))
    .filter((command) => !typed.has(command) && !heldByTheSuite.has(command));
  expect([...new Set(missing)]).toEqual([]);
});

test('commands are found wherever they stand', () => {
  const [section] = sectionsOf(
    [
      '# Page',
      '### Held',
      'Type `flux-handover status`.',
      '```text',
      '     flux-handover retry edge',
      '     mend  look at it',
      '```',
      '**adopt** (`handBack`)',
      '```sh',
      '# first',
      'kubectl get pods',
      '```',
    ].join('\n'),
  );
  expect(section).toEqual({
    title: 'Held',
    commands: ['kubectl get pods'],
    parts: new Map([['adopt', ['kubectl get pods']]]),
    mentioned: ['flux-handover status', 'flux-handover retry edge'],
  });
});
