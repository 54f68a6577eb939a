/** What can go wrong between us and a Git repository, told apart by `kind`, each with its mend. */

/** `unreachable` and `race` pass by themselves and may be retried; every other kind needs a person. */
export type RepositoryErrorKind =
  | 'unreachable'
  | 'race'
  | 'forbidden'
  | 'protected'
  | 'branch-not-found'
  | 'files-changed'
  | 'identity'
  | 'no-repository'
  | 'signing'
  | 'git';

/** Base of all repository errors. `message` is what, why and mend in one text; none of them ever holds a secret. */
export class RepositoryError extends Error {
  readonly kind: RepositoryErrorKind;
  readonly what: string;
  readonly why: string;
  readonly mend: string;

  constructor(kind: RepositoryErrorKind, what: string, why: string, mend: string, options?: ErrorOptions) {
    super(`${what}. ${why}. ${mend}`, options);
    this.name = new.target.name;
    this.kind = kind;
    this.what = what;
    this.why = why;
    this.mend = mend;
  }

  /** Whether trying again later can help without anyone doing anything. */
  get passing(): boolean {
    return this.kind === 'unreachable' || this.kind === 'race';
  }
}

export class GitUnreachable extends RepositoryError {
  constructor(url: string, detail: string) {
    super(
      'unreachable',
      `The Git repository ${url} did not answer: ${detail}`,
      'Nothing can be planned or committed without it',
      `Check the network and the address with: git ls-remote ${url}`,
    );
  }
}

export class GitForbidden extends RepositoryError {
  /** @param tokenSource where the token came from, e.g. `the file /home/me/token`; null when none is configured */
  constructor(url: string, detail: string, action: 'read' | 'push', tokenSource: string | null) {
    super(
      'forbidden',
      `Git refused to let us ${action === 'push' ? 'push to' : 'read'} ${url}: ${detail}`,
      'Every step is a commit, so the handover can not begin with these credentials',
      tokenSource
        ? `Put a token that may read and push this repository into ${tokenSource} (repository.credentials in handover.yaml names it)`
        : 'Set repository.credentials in handover.yaml (passwordFile or passwordEnv) to a token that may read and push this repository',
    );
  }
}

export class BranchProtected extends RepositoryError {
  constructor(url: string, branch: string, detail: string) {
    super(
      'protected',
      `${url} rejected a push to the branch ${branch}: ${detail}`,
      'Steps are pushed straight to the branch that the cluster follows; nothing was changed',
      `Allow the committer to push to ${branch} (an exception in the branch protection) for the time of the handover`,
    );
  }
}

/** A folder that was named as a repository is none. */
export class NoRepository extends RepositoryError {
  constructor(folder: string, detail: string) {
    super(
      'no-repository',
      `${folder} is no Git repository: ${detail}`,
      'Plans are made from commits, so that what is planned is what the clusters see',
      'Name the folder of a clone, or a Git URL',
    );
  }
}

export class BranchNotFound extends RepositoryError {
  constructor(url: string, branch: string, known: string[]) {
    super(
      'branch-not-found',
      `${url} has no branch ${branch}`,
      `The branches are: ${known.slice(0, 10).join(', ') || 'none'}`,
      'Correct clusters[].branch in handover.yaml',
    );
  }
}

/** Somebody changed a file that the plan touches. `paths` says which. */
export class FilesChanged extends RepositoryError {
  readonly paths: string[];

  /** @param way `back`: a step is being taken back, and what somebody changed since is in the same lines */
  constructor(branch: string, paths: string[], way: 'forward' | 'back' = 'forward') {
    super(
      'files-changed',
      way === 'forward'
        ? `On branch ${branch} these files differ from the plan: ${paths.join(', ')}`
        : `On branch ${branch} somebody changed the lines that the way back has to restore: ${paths.join(', ')}`,
      'Committing the planned content would undo what somebody else did',
      way === 'forward'
        ? 'Look at their change (git log -- <file>), then make a new plan: flux-handover plan'
        : `Look at their change (git log -p origin/${branch} -- ${paths.join(' ')}), take it out of those files again with a commit of your own, then retry: the way back goes on, and the change can be made again after it`,
    );
    this.paths = paths;
  }
}

export class PushRace extends RepositoryError {
  constructor(branch: string, attempts: number) {
    super(
      'race',
      `${attempts} pushes to ${branch} lost the race against other people's pushes`,
      'The branch moves faster than a commit can be made',
      'Nothing was changed; it is tried again',
    );
  }
}

export class IdentityMissing extends RepositoryError {
  constructor(missing: 'name' | 'email') {
    super(
      'identity',
      `No ${missing} for the author of the commits`,
      'Git makes no commit without a name and an address',
      'Set repository.author in handover.yaml, or git config --global user.name and user.email',
    );
  }
}

export class SigningFailed extends RepositoryError {
  constructor(format: string, key: string, detail: string) {
    super(
      'signing',
      `The commit could not be signed (${format}, key ${key}): ${detail}`,
      'The repository, or the verify of its GitRepository, asks for signed commits; Flux would stop at an unsigned one',
      'Check repository.signing in handover.yaml: the key must be readable without a prompt (an agent may hold its passphrase)',
    );
  }
}

/** Git failed in a way we do not know. */
export class GitFailed extends RepositoryError {
  constructor(command: string, detail: string) {
    super(
      'git',
      `git ${command} failed: ${detail}`,
      'The cause is not one that is known here',
      'Run the command by hand to see more',
    );
  }
}
