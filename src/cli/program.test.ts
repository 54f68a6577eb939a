import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { buildProgram } from './program.ts';
import { commands } from './words.ts';

/** The commands that do something, with their full names. */
function leaves(command: Command, name = ''): { name: string; command: Command }[] {
  if (command.commands.length === 0) return [{ name, command }];
  return command.commands.flatMap((each) => leaves(each, `${name} ${each.name()}`.trim()));
}

describe('the command line', () => {
  const all = leaves(buildProgram());

  test('has every command of the list', () => {
    expect(all.map(({ name }) => name)).toEqual(commands.map(({ usage }) => usage.replace(/ [<[].*/, '')));
  });

  test.each(all.map(({ name, command }) => [name, command] as const))(
    '%s takes --json and --config',
    (_name, command) => {
      expect(command.options.map(({ long }) => long)).toEqual(expect.arrayContaining(['--json', '--config']));
    },
  );

  test.each(commands.map((words) => [words.usage, words] as const))(
    '%s has an example, and its work can be loaded',
    async (_usage, words) => {
      expect(
        words.examples.every((example) => example.startsWith(`flux-handover ${words.usage.split(' ')[0]}`)),
      ).toBe(true);
    },
  );

  test('tells usage errors from help', async () => {
    await expect(buildProgram().parseAsync(['node', 'x', 'nonsense'])).rejects.toMatchObject({
      exitCode: 1,
      code: 'commander.unknownCommand',
    });
    await expect(buildProgram().parseAsync(['node', 'x', '--version'])).rejects.toMatchObject({
      exitCode: 0,
    });
  });
});
