/** What the workflow bundle registers. */
export { fleetHandover } from './fleet.ts';
export { clusterHandover } from './cluster.ts';
