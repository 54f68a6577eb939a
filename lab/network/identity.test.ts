// Tests of the numbers and addresses that a lab derives from its folder.

import { describe, expect, it } from 'vitest';
import { clusterAddresses } from './addresses.ts';
import { candidateNumbers, coversNumber, identityWithNumber, withSlot } from './identity.ts';

describe('the number of a lab', () => {
  it('is the same for the same folder, and every other number comes after it', () => {
    expect(candidateNumbers()).toEqual(candidateNumbers());
    expect(new Set(candidateNumbers()).size).toBe(224);
    expect(Math.min(...candidateNumbers())).toBe(16);
    expect(Math.max(...candidateNumbers())).toBe(239);
  });

  it.each([
    ['a smaller network inside', '10.20.3.0', 24, 20, true],
    ['a neighbour', '10.20.3.0', 24, 21, false],
    ['a wider network around', '10.16.0.0', 12, 20, true],
    ['a wider network beside', '10.32.0.0', 12, 20, false],
    ['all of 10.0.0.0/8, which never counts', '10.0.0.0', 8, 20, false],
    ['a network of another kind', '192.168.20.0', 24, 20, false],
    ['the default route', 'default', 0, 20, false],
  ])('is taken by %s: %s/%i against %i', (_, network, length, number, taken) => {
    expect(coversNumber(network, length, number)).toBe(taken);
  });
});

describe('the addresses of clusters', () => {
  const identity = withSlot(withSlot(identityWithNumber(87), 'edge'), 'main');

  it('keep their place when a cluster is named again', () => {
    expect(withSlot(identity, 'edge')).toBe(identity);
    expect(clusterAddresses(identity, 'main').node).toBe('10.87.0.12');
  });

  it('never overlap between clusters', () => {
    const [edge, main] = ['edge', 'main'].map((name) => clusterAddresses(identity, name));
    expect(edge?.podRange).not.toBe(main?.podRange);
    expect(edge?.serviceRange).not.toBe(main?.serviceRange);
  });

  it('give names that the kernel accepts for links', () => {
    const longest = withSlot(identityWithNumber(239), 'edge');
    expect(clusterAddresses(longest, 'edge').hostLink.length).toBeLessThanOrEqual(15);
  });

  it('end with nine clusters', () => {
    let full = identityWithNumber(87);
    for (let number = 1; number <= 9; number += 1) full = withSlot(full, `cluster-${number}`);
    expect(() => withSlot(full, 'one-more')).toThrow('nine clusters');
  });
});
