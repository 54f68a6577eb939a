/** The seed's checklist, run with the real programs side by side; its output is kept, judged are exit codes. */
import type { Check, EvidenceReference } from './contract.ts';
import { contextArguments, type Session } from './session.ts';

interface Command {
  program: 'flux' | 'kubectl';
  arguments: string[];
  file: string;
  /** Whether a bad exit code fails the check; the others only show. */
  judged: boolean;
  /** Keep this many of the last lines. */
  last?: number;
}

function commandsFor(namespace: string): Command[] {
  return [
    { program: 'flux', arguments: ['check', '-n', namespace], file: 'flux-check.txt', judged: true },
    {
      program: 'flux',
      arguments: ['get', 'sources', 'all', '-A'],
      file: 'flux-get-sources.txt',
      judged: false,
    },
    { program: 'flux', arguments: ['get', 'ks', '-A'], file: 'flux-get-ks.txt', judged: false },
    { program: 'flux', arguments: ['get', 'hr', '-A'], file: 'flux-get-hr.txt', judged: false },
    { program: 'kubectl', arguments: ['-n', namespace, 'get', 'pods'], file: 'pods.txt', judged: false },
    {
      program: 'kubectl',
      arguments: ['get', 'events', '-A', '--sort-by=.lastTimestamp'],
      file: 'events.txt',
      judged: false,
      last: 50,
    },
  ];
}

/** @throws ProgramFailed when a program is missing */
export async function runChecklist(
  session: Session,
): Promise<{ checks: Check[]; evidence: EvidenceReference[] }> {
  const results = await Promise.all(
    commandsFor(session.namespace).map(async ({ program, arguments: args, file, judged, last }) => {
      const { exitCode, stdout, stderr } = await session.run(program, [
        ...contextArguments(session),
        ...args,
      ]);
      const name = [program, ...args].join(' ') + (last ? ` | tail -n ${last}` : '');
      const output = last
        ? stdout
            .split('\n')
            .slice(-last - 1)
            .join('\n')
        : stdout;
      const kept = await session.evidence.keep(file, `$ ${name}\n${output}${stderr}`);
      // `flux get` exits 1 when a kind has no objects; what it shows is judged from the API instead.
      const ok = exitCode === 0 || !judged;
      const said = stderr
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('✔') && !line.startsWith('►'))
        .slice(-3)
        .join('; ');
      return {
        kept,
        check: {
          name,
          ok,
          detail: ok ? `${output.trim().split('\n').length} lines` : said || `exit code ${exitCode}`,
        },
      };
    }),
  );
  return { checks: results.map(({ check }) => check), evidence: results.map(({ kept }) => kept) };
}
