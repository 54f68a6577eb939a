/** Refuses connections of one lane to a service that both lanes share: of its worker, told by its group, and of its cluster. */
import { run } from '../../lab/commands.ts';
import { enterNamespace } from '../../lab/network/node-namespace.ts';

const mark = 'flux-handover-fault';

export interface Refusal {
  refuse(): Promise<void>;
  accept(): Promise<void>;
}

/**
 * @param lane name, netns of its node and group of its worker's processes
 * @param service `address:port`
 */
export function refusal(
  lane: { readonly name: string; readonly netns: string; readonly group: number },
  service: string,
): Refusal {
  const [address = '', port = ''] = service.split(':');
  const target = ['--protocol', 'tcp', '--destination', address, '--dport', port];
  const refuse = ['--jump', 'REJECT', '--reject-with', 'tcp-reset'];
  const comment = ['-m', 'comment', '--comment', `${mark}-${lane.name}`];
  const inside = enterNamespace(lane.netns);
  const rules = [
    { enter: [], chain: 'OUTPUT', match: ['-m', 'owner', '--gid-owner', String(lane.group)] },
    // Pods are forwarded by their node; containerd and kubelet speak for the node itself.
    { enter: inside, chain: 'FORWARD', match: [] },
    { enter: inside, chain: 'OUTPUT', match: [] },
  ];
  const each = async (action: '--insert' | '--delete', mayFail: boolean): Promise<void> => {
    for (const { enter, chain, match } of rules) {
      const [file = '', ...parameters] = [...enter, 'iptables', '--wait', action, chain];
      await run(file, [...parameters, ...target, ...match, ...comment, ...refuse], { mayFail });
    }
  };
  return { refuse: () => each('--insert', false), accept: () => each('--delete', true) };
}
