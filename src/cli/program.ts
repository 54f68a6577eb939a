/** Builds the command line from the commands' words, runs one command, and sets the exit code. */
import { fstatSync, writeSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { Command, CommanderError, type OutputConfiguration } from 'commander';
import type { Call, CommandWords } from './command.ts';
import { exitCode, type ExitCode } from './outcome.ts';
import { commands, everywhere } from './words.ts';

declare const FLUX_HANDOVER_VERSION: string | undefined;
/** Set at build time; from source it is not known without reading package.json. */
const version = typeof FLUX_HANDOVER_VERSION === 'string' ? FLUX_HANDOVER_VERSION : '0.0.0-source';

type Finish = (code: ExitCode) => void;

const bold = (text: string): string => `\u001B[1m${text}\u001B[22m`;

/** Whether a terminal may be at the other end; loading `node:tty` to be sure costs a tenth of the start. */
const isScreen = (): boolean => fstatSync(1).isCharacterDevice();

/** Help goes out without setting up Node's streams, which costs more than writing it. */
const output: OutputConfiguration = {
  writeOut: (text) => void writeSync(1, isScreen() ? text : stripVTControlCharacters(text)),
  getOutHasColors: () => isScreen() && !process.env['NO_COLOR'],
  getOutHelpWidth: () => (isScreen() ? (process.stdout.columns ?? 100) : 100),
};

/** A command in the list: its name and arguments; that it has options goes without saying. */
function termOf(command: Command): string {
  const words = command.registeredArguments.map((each) =>
    each.required ? `<${each.name()}>` : `[${each.name()}]`,
  );
  return [command.name(), ...words].join(' ');
}

function describe(command: Command): Command {
  command.configureOutput(output);
  // An exit by commander (help, usage) becomes an exception, so that there is one place that ends the process.
  return command
    .exitOverride()
    .configureHelp({ styleTitle: bold, subcommandTerm: termOf })
    .showHelpAfterError('(--help shows what it takes)');
}

function addCommand(parent: Command, words: CommandWords, finish: Finish): void {
  const [name = '', ...rest] = words.usage.split(' ');
  const isGroup = rest[0] !== undefined && /^[a-z]/.test(rest[0]);
  if (isGroup) {
    const group =
      parent.commands.find((each) => each.name() === name) ??
      describe(
        parent.command(name).summary(words.summary).description(words.summary).helpGroup(`${words.group}:`),
      );
    return addCommand(group, { ...words, usage: rest.join(' ') }, finish);
  }
  const command = describe(parent.command(words.usage)).summary(words.summary).description(words.description);
  if (parent.parent === null) command.helpGroup(`${words.group}:`);
  for (const [flags, meaning, initial] of [...(words.options ?? []), ...everywhere])
    command.option(flags, meaning, initial);
  command.addHelpText(
    'after',
    `\n${bold('Examples:')}\n${words.examples.map((line) => `  ${line}`).join('\n')}`,
  );
  command.action(async () => {
    const [{ openTerminal }, { attempt }] = await Promise.all([
      import('./terminal.ts'),
      import('./attempt.ts'),
    ]);
    const options = command.opts();
    const terminal = openTerminal({ json: options['json'] === true, config: String(options['config']) });
    const work = async (signal: AbortSignal): Promise<ExitCode> => {
      const { run } = await words.load();
      return run({ terminal, words: command.processedArgs, options, signal } as Call<never>);
    };
    finish(await attempt(terminal, work));
  });
}

/** The whole command line; `finish` is told a command's exit code. */
export function buildProgram(finish: Finish = () => {}): Command {
  const program = describe(new Command('flux-handover'))
    .description("Hands a fleet's Flux controllers over to Flux Operator, edge first, then main.")
    .version(version)
    .addHelpText(
      'after',
      `\n${bold('Begin with:')}\n  flux-handover init\n  flux-handover plan\n  flux-handover start`,
    );
  for (const words of commands) addCommand(program, words, finish);
  return program;
}

/** Runs the command that `argv` names; never throws. */
export async function runCommandLine(argv: string[]): Promise<void> {
  let code: ExitCode = exitCode.done;
  try {
    await buildProgram((ended) => (code = ended)).parseAsync(argv);
  } catch (error) {
    // Help and version end with 0; commander has already said what was wrong with anything else.
    if (!(error instanceof CommanderError)) throw error;
    code = error.exitCode === 0 ? exitCode.done : exitCode.failure;
  }
  process.exitCode = code;
}
