/** Which test tries which section of the runbook. */

/** `held`: brought about and answered on a self-managed cluster; a shape: the whole way back by hand on a cluster of that shape. */
export type Try = 'held' | 'self-managed' | 'bootstrap-only' | 'flux-bootstrap' | 'helm';

export const tries: Readonly<Record<string, Try>> = {
  'Any hold': 'held',
  'A step did not become Ready': 'held',
  'The checklist after a phase does not hold': 'held',
  'The plan is not what was approved any more': 'held',
  'A gate was rejected': 'held',
  'The cluster stands still': 'held',
  'The watch saw something that could do harm': 'held',
  'Something that was there is gone': 'held',
  'Another cluster is behind the context': 'held',
  'Another run holds the Lease': 'held',
  'Permissions are missing': 'held',
  'A step of the way back failed': 'held',
  'A step of the way back can not be done, or was done by hand': 'held',
  'People have built on Flux Operator': 'held',
  'The cluster is not as it was': 'held',
  'What is there does not fit the run': 'held',
  'Git does not answer': 'held',
  'A person takes over': 'held',
  'By hand: self-managed': 'self-managed',
  'By hand: bootstrap-only': 'bootstrap-only',
  'By hand: flux-bootstrap': 'flux-bootstrap',
  'By hand: helm': 'helm',
  // At the end of each of the four.
  'By hand: at the end': 'self-managed',
};

export const shapesByHand = ['self-managed', 'bootstrap-only', 'flux-bootstrap', 'helm'] as const;
