/** What planning reads from: the mirror of a remote repository, or a clone on this machine. */
import type { Tree } from './tree.ts';

export interface ReadableRepository {
  /** Where Git finds it. */
  readonly directory: string;
  /** Commit of a branch. @throws BranchNotFound */
  head(branch: string): Promise<string>;
  branches(): Promise<string[]>;
  /** The files of a commit; YAML in `folders` (default: all) is read at once. */
  tree(commit: string, folders?: string[]): Promise<Tree>;
  /** The branch that a fresh clone begins with; null where that is not known. */
  mainBranch(): Promise<string | null>;
  /** Whether any YAML of a commit matches an extended regular expression; much cheaper than reading it. */
  hasText(commit: string, pattern: string): Promise<boolean>;
}
