{{- /* Labels of every object of the release. */}}
{{- define "flux2.labels" -}}
app.kubernetes.io/instance: {{ .Release.Namespace | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: flux
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{- /* What differs from controller to controller: the key of its values, its ports, storage, API groups and probe. */}}
{{- define "flux2.controllers" -}}
source-controller: { key: sourceController, group: source.toolkit.fluxcd.io, http: true, storage: true, service: true, grace: 10, probe: { path: /, port: http } }
kustomize-controller: { key: kustomizeController, group: kustomize.toolkit.fluxcd.io, cluster: true, tenant: true, grace: 60, tmp: temp }
helm-controller: { key: helmController, group: helm.toolkit.fluxcd.io, cluster: true, tenant: true, grace: 600, tmp: temp }
notification-controller: { key: notificationController, group: notification.toolkit.fluxcd.io, http: true, service: true, receiver: true, grace: 10, tmp: temp }
image-reflector-controller: { key: imageReflectionController, group: image.toolkit.fluxcd.io, grace: 10, tmp: temp }
image-automation-controller: { key: imageAutomationController, group: image.toolkit.fluxcd.io, grace: 10, tmp: temp }
source-watcher: { key: sourceWatcher, group: source.extensions.fluxcd.io, account: source-watcher-controller, http: true, storage: true, service: true, grace: 10, probe: { path: /, port: http } }
{{- end }}
