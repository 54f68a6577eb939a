/** Hazards about which install of Flux is there, and whether it can be handed over at all. */
import type { HazardRules } from './rule.ts';

export const shapeRules = {
  'path-not-found': {
    title: "The cluster's folder is not on its branch",
    looksFor: 'Files below clusters[].path on clusters[].branch',
    rule: 'A cluster is planned at its own branch and folder; an empty folder is refused',
    why: 'A plan made from another folder or branch is the plan of another cluster.',
    source: "this tool's own promise: what is not understood is refused",
    severities: ['refuse'],
  },
  'shape-not-offered': {
    title: 'The install has no proven handover',
    looksFor:
      "Sources and Kustomizations of Flux's manifests, gotk files, Helm releases of the flux2 chart, bootstrap folders",
    rule: 'Only shapes whose way forward and way back were both proven on real clusters may be started',
    why: 'A step that nobody has tried on a cluster can delete every Flux object on it.',
    source: 'the phase table of this tool (flux-handover reference, Phases)',
    severities: ['refuse'],
  },
  'instance-exists': {
    title: 'Flux Operator is there already',
    looksFor: 'FluxInstance objects, and sources or releases of the charts flux-operator and flux-instance',
    rule: 'A repository that already has them is not planned as if they were new',
    why: 'A second install beside it would fight over the controllers.',
    source: 'flux-operator: one FluxInstance, named flux, per cluster (api/v1 FluxInstance)',
    severities: ['refuse'],
  },
  'half-done': {
    title: 'Somebody began the move by hand',
    looksFor:
      'A legacy owner that is suspended, does not prune and is orphaned in Git; Flux Operator or a FluxInstance beside a legacy install, or a disabled FluxInstance without one',
    rule: 'Refused until the half-done move is finished or taken back',
    why: 'What runs may no longer be what Git says, and the plan is made from Git.',
    source: "this tool's own promise: what is not understood is refused",
    severities: ['refuse'],
  },
  'install-shared': {
    title: 'The install is shared with other clusters',
    looksFor:
      "Files of the plan outside the cluster's folder, and who else applies them: clusters of handover.yaml on the same branch, and Kustomizations of no cluster",
    rule: 'A file outside the folder is changed only where no other cluster applies it',
    why: 'One cluster is handed over at a time; a commit to a shared file reaches all of them at once.',
    source: "this tool's own promise: nothing of Flux is deleted except what the approved plan names",
    severities: ['refuse'],
  },
  'edit-refused': {
    title: 'A file can not be edited with certainty',
    looksFor: 'Anchors, flow style and other YAML in the lines that the plan must change',
    rule: 'An edit is made only where exactly the wanted lines change and the result reads back as intended',
    why: 'A wrong edit of the legacy owner can delete Flux.',
    source: "this tool's own promise: edits outside the touched lines never change",
    severities: ['refuse'],
  },
} as const satisfies HazardRules;
