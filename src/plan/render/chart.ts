/** Renders a chart as Flux takes it: an OCIRepository of the chart's layer and a HelmRelease with `chartRef`. */
import type { Style } from '../style.ts';
import { atLeast } from '../version.ts';
import { renderFile, renderValue } from './yaml.ts';

export interface ChartApp {
  name: string;
  namespace: string;
  /** `oci://…`, without a tag. */
  url: string;
  tag: string;
  values: Record<string, unknown> | null;
}

/** @param fluxVersion version of the running Flux: OCIRepository is v1 since 2.6 */
export function renderChartSource(style: Style, app: ChartApp, fluxVersion: string): string {
  const apiVersion = atLeast(fluxVersion, '2.6')
    ? 'source.toolkit.fluxcd.io/v1'
    : 'source.toolkit.fluxcd.io/v1beta2';
  const body = renderValue(style, {
    metadata: { name: app.name, namespace: app.namespace },
    spec: {
      interval: '1h',
      layerSelector: { mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', operation: 'copy' },
      ref: { tag: app.tag },
      url: app.url,
    },
  });
  return renderFile(style, apiVersion, 'OCIRepository', body);
}

/**
 * No remediation: a failed install or upgrade must never uninstall or roll back what runs Flux.
 * RetryOnFailure is known to helm-controller since Flux 2.7; before that a failure waits for a person.
 */
export function renderRelease(style: Style, app: ChartApp, fluxVersion: string): string {
  const retry = { strategy: { name: 'RetryOnFailure', retryInterval: '1m' } };
  const body = renderValue(style, {
    metadata: { name: app.name, namespace: app.namespace },
    spec: {
      interval: '1h',
      chartRef: { kind: 'OCIRepository', name: app.name },
      ...(atLeast(fluxVersion, '2.7') ? { install: retry, upgrade: retry } : {}),
      ...(app.values ? { values: app.values } : {}),
    },
  });
  return renderFile(style, 'helm.toolkit.fluxcd.io/v2', 'HelmRelease', body);
}
