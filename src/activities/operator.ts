/** Phase `operator`: Flux Operator is installed beside the running controllers, which it does not touch yet. */
import { conditionOf, textField } from '../cluster/objects.ts';
import { revisionOf } from '../cluster/health.ts';
import { arrived, type Arrival, carrying, commitPhase, notReady } from './carry.ts';
import type { PhaseInput, PhaseResult } from './contract.ts';
import { failure, refusal } from './failure.ts';
import { flux, type Session } from './session.ts';
import { stepsOf } from './shapes/index.ts';

export function installOperator(session: Session<PhaseInput>): Promise<PhaseResult> {
  return carrying(session, async (opened) => {
    await stepsOf(opened.plan).assertHarmless(session, opened.plan);
    const arrival = await commitPhase(opened, 'operator');
    const { target } = opened.plan;
    const release = flux.helmRelease(target.namespace, target.operatorHelmRelease);
    const installed = await arrived(arrival, () => {
      const missing =
        releaseMissing(arrival, target.operatorHelmRelease) ??
        notReady(arrival, flux.kustomization(target.namespace, target.operatorKustomization));
      return missing ?? { value: arrival.view.find(release) };
    });
    await assertCrdEstablished(session);
    const version = installed ? revisionOf(installed) : '';
    const kept = await session.evidence.keep(
      'operator.json',
      `${JSON.stringify({ chartVersion: version, status: textField(installed, 'status', 'conditions', 0, 'message') }, undefined, 2)}\n`,
    );
    return {
      commit: arrival.commit,
      alreadyDone: arrival.alreadyDone,
      summary: `Flux Operator (chart ${version}) is Ready; the controllers are untouched`,
      evidence: [kept],
      findings: [],
    };
  });
}

/** As `notReady`, but a HelmRelease that gave up (Stalled) ends the wait: it has no remediation, on purpose. */
export function releaseMissing(
  arrival: Arrival,
  name: string,
): { waiting: string; hopeless?: boolean } | null {
  const reference = flux.helmRelease(arrival.plan.target.namespace, name);
  const missing = notReady(arrival, reference);
  const live = arrival.view.find(reference);
  return missing && live && conditionOf(live, 'Stalled')?.status === 'True'
    ? { ...missing, hopeless: true }
    : missing;
}

/** The API that the next phase uses is served. @throws NotYet */
async function assertCrdEstablished({ cluster }: Session): Promise<void> {
  const name = 'fluxinstances.fluxcd.controlplane.io';
  const crd = await cluster.find({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    namespace: '',
    name,
  });
  if (crd && conditionOf(crd, 'Established')?.status === 'True') return;
  throw failure('NotYet', [
    refusal(
      'crd-missing',
      `CustomResourceDefinition ${name} is not established`,
      'the chart brings it; without it no FluxInstance can be made',
      'look at the HelmRelease of Flux Operator (its values must not turn CRDs off)',
    ),
  ]);
}
