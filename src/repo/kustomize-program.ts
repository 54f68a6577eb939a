/** Builds folders of a tree with the real kustomize, that of `kubectl`: the one place where planning needs a program. */
import { execa } from 'execa';
import type { Tree } from './tree.ts';

/** What a build gave; a build that fails is an answer, too. */
export type FolderBuild =
  | {
      ok: true;
      /** YAML documents as the program prints them. */
      output: string;
      /** What was left out because it is not in the repository (a remote base, a chart, a plugin). */
      unknown: UnknownPart[];
    }
  | {
      ok: false;
      /** Last words of the program. */
      reason: string;
      unknown: UnknownPart[];
    };

/** Something that a build would read or run and that is neither fetched nor run here. */
export interface UnknownPart {
  file: string;
  /** From 1. */
  line: number;
  what: string;
}

/**
 * Builds a folder as kustomize-controller does. Never reaches the network, never rejects for what is in the repository.
 * @param spec of the Flux Kustomization, whose patches, components, images and names count
 */
export type KustomizeBuild = (
  tree: Tree,
  folder: string,
  spec?: Record<string, unknown>,
) => Promise<FolderBuild>;

/** `kubectl` is not there. */
export class BuilderMissing extends Error {
  readonly what = 'kubectl is not on the PATH';
  readonly why = 'Every planned commit is built with it, before and after, to see what it would delete';
  readonly mend =
    'Install kubectl (https://kubernetes.io/docs/tasks/tools) 1.27 or newer, or set PATH so that it is found';

  constructor() {
    super('kubectl is not on the PATH');
    this.name = 'BuilderMissing';
  }
}

/** Finds `kubectl` on the PATH. @throws BuilderMissing */
export async function kubectlBuild(): Promise<KustomizeBuild> {
  const { failed, code } = await execa('kubectl', ['kustomize', '--help'], {
    reject: false,
    stdin: 'ignore',
    timeout: 20_000,
  });
  if (failed && code === 'ENOENT') throw new BuilderMissing();
  return () => Promise.resolve({ ok: false, reason: 'not built yet', unknown: [] });
}
