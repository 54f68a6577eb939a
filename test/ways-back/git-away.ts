/** Takes the lab's Git server away from everybody, from this machine and from the clusters: connections are refused. */
import { run } from '../../lab/commands.ts';
import type { Lab } from '../../lab/description.ts';

export class GitAway {
  readonly #rule: readonly string[];

  constructor(lab: Lab) {
    const { hostname, port } = new URL(lab.git.url);
    const connection = ['--protocol', 'tcp', '--destination', hostname, '--dport', port];
    const comment = ['-m', 'comment', '--comment', `git-away-${lab.id}`];
    // The server listens on this machine, so whoever asks for it comes in here.
    this.#rule = ['INPUT', ...connection, ...comment, '--jump', 'REJECT', '--reject-with', 'tcp-reset'];
  }

  async begin(): Promise<void> {
    await run('iptables', ['--wait', '--insert', ...this.#rule]);
  }

  /** Harmless where it has not begun. */
  async end(): Promise<void> {
    await run('iptables', ['--wait', '--delete', ...this.#rule], { mayFail: true });
  }
}
