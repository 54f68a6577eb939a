/** Judges other people's work: migrations that should not run at the same time as a handover. Moves no digest. */
import { parsePatch } from 'diff';
import type { Work } from '../repo/work.ts';
import { warn } from './hazard.ts';
import type { ClusterPlan, Hazard, Place } from './types.ts';

interface ChangedLine extends Place {
  text: string;
}

interface Topic {
  what: string;
  why: string;
  concerns(line: ChangedLine, plan: Pick<ClusterPlan, 'roots' | 'changes' | 'legacy'>): boolean;
}

/** The worst first: one hazard for each piece of work, for the first topic that it meets. */
const topics: Topic[] = [
  {
    what: 'files that the plan changes',
    why: 'Whichever comes second conflicts, and the run stops in the middle to ask',
    concerns: ({ file }, { changes }) =>
      changes.some(({ files }) => files.some(({ path, action }) => path === file && action !== 'add')),
  },
  {
    what: 'a root Kustomization or what it patches into every app',
    why: 'A patch that reaches all Kustomizations or HelmReleases also reaches those of the plan, and rolls everything out at once',
    concerns: ({ file }, { roots }) => roots.some((root) => root.file === file),
  },
  {
    what: 'how HelmReleases find their charts (chartRef)',
    why: 'Moving charts to chartRef touches every HelmRelease: what goes wrong then can not be told from what the handover does',
    concerns: ({ text }) => /^\s*(-\s*)?chartRef:/.test(text),
  },
  {
    what: 'ingress or gateways',
    why: 'While traffic moves to another ingress, an outage can not be told from one of the handover',
    concerns: ({ text }) =>
      /^\s*(-\s*)?kind:\s*["']?(Ingress|IngressClass|Gateway|GatewayClass|HTTPRoute|GRPCRoute|TLSRoute|TCPRoute)\b/.test(
        text,
      ),
  },
];

/** @param where in words: what the work would be brought into */
export function workHazards(
  plan: Pick<ClusterPlan, 'roots' | 'changes' | 'legacy' | 'branch'>,
  works: Work[],
): Hazard[] {
  return works.flatMap(({ name, since, patch }) => {
    const lines = changedLines(patch);
    const isBranch = name.startsWith('branch ');
    for (const topic of topics) {
      const line = lines.find((each) => topic.concerns(each, plan));
      if (!line) continue;
      return [
        warn(
          'work-in-flight',
          { file: line.file, line: line.line },
          {
            what: `${name}, ${isBranch ? 'open since' : 'of'} ${since}, changes ${topic.what}`,
            why: topic.why,
            mend: isBranch
              ? `Merge it before the handover and let it settle, or keep it back until the cluster has settled`
              : `Make sure that it has arrived and everything is Ready (flux get all -A), then go on`,
          },
        ),
      ];
    }
    return [];
  });
}

/** Added and removed lines with their place in the file as it will be. */
function changedLines(patch: string): ChangedLine[] {
  return parsePatch(patch).flatMap(({ oldFileName = '', newFileName = '', hunks }) => {
    const named = newFileName === '/dev/null' ? oldFileName : newFileName;
    const file = named.replace(/^[ab]\//, '');
    return hunks.flatMap(({ newStart, lines }) => {
      let line = Math.max(1, newStart);
      return lines
        .filter((text) => /^[+-]/.test(text))
        .map((text) => {
          const found = { file, line, text: text.slice(1) };
          if (text.startsWith('+')) line += 1;
          return found;
        });
    });
  });
}
