import { describe, expect, it } from 'vitest';
import { GitFailed } from '../repo/errors.ts';
import { explain } from './failure.ts';

const place = { cluster: 'edge', context: 'admin@edge', namespace: 'flux-system' };

describe('a full disk', () => {
  it.each([
    new GitFailed('read-tree', "fatal: sha1 file '/cache/index.lock' write error. Out of diskspace"),
    new GitFailed('fetch', 'error: file write error: No space left on device'),
    Object.assign(new Error("ENOSPC: no space left on device, write '/evidence/x'"), { code: 'ENOSPC' }),
  ])('is told as such, whoever meets it, and tried again: %s', (error) => {
    const { type, finding } = explain(error, place);
    expect(type).toBe('NotYet');
    expect(finding.id).toBe('disk-full');
    expect(finding.mend).toMatch(/make room .*df -h /);
  });

  it('is not seen in other failures of git', () => {
    expect(explain(new GitFailed('read-tree', 'fatal: not a tree object'), place)).toMatchObject({
      type: 'Refused',
      finding: { id: 'git-git' },
    });
  });
});
