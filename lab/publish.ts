// What the lab publishes before a cluster needs it: the content of its registry and the two branches of its GitOps repo.

export { publishRegistryContent } from './publish/registry-content.ts';
export { publishGit } from './publish/git.ts';
