import { test } from 'tap'
import { SERVICES } from '../../src/environment.ts'
import {
  findManifest,
  findSchemaFaults,
  kustomization,
  type Manifest,
  manifests,
  podOf,
  workloads
} from './manifests.ts'

const topLevelKeys = ['apiVersion', 'kind', 'metadata', 'spec', 'data']

test('every manifest keeps to the schema of its kind, and has no field that the schema does not know', async (t) => {
  for (const manifest of manifests.filter(({ apiVersion }) => apiVersion !== 'monitoring.coreos.com/v1')) {
    const title = `${manifest.kind} ${manifest.metadata.name}`
    t.same(findSchemaFaults(manifest), [], title)
    t.same(
      Object.keys(manifest).filter((key) => !topLevelKeys.includes(key)),
      [],
      title
    )
  }
})

test('the schemas of the kinds that are used find what is missing, wrong or unknown', async (t) => {
  const { spec, ...rest } = findManifest('Deployment', 'auth')
  const withSpec = (changed: object): Manifest => JSON.parse(JSON.stringify({ ...rest, spec: changed }))
  t.same(findSchemaFaults(withSpec({ ...spec })), [])
  t.match(findSchemaFaults(withSpec({ ...spec, selector: undefined })), [/selector/])
  t.match(findSchemaFaults(withSpec({ ...spec, replicas: 'two' })), [/replicas/])
  t.same(findSchemaFaults(withSpec({ ...spec, replica: 2 })), ['/spec/replica is not in the schema'])
})

test('the overlay does only what is tried here', async (t) => {
  const known = ['apiVersion', 'kind', 'namespace', 'resources', 'images']
  t.same(
    Object.keys(kustomization).filter((key) => !known.includes(key)),
    []
  )
  t.same(new Set(kustomization.resources), new Set(['../../base', 'namespace.yaml', 'settings.yaml']))
  for (const workload of workloads) t.match(podOf(workload).container.image, /^registry\..+:\d+\.\d+\.\d+$/)
  t.equal(kustomization.namespace, findManifest('Namespace', 'latchkey').metadata.name)
})

test('no pod may more than it needs', async (t) => {
  for (const workload of workloads) {
    const { spec, container, labels } = podOf(workload)
    const { name } = workload.metadata
    t.equal(labels['app.kubernetes.io/part-of'], 'latchkey', name)
    t.match(spec.securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }, name)
    t.equal(spec.automountServiceAccountToken, false, name)
    t.equal(spec.enableServiceLinks, false, `${name}: AUTH_PORT would be an address otherwise`)
    t.match(
      container.securityContext,
      { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      name
    )
    t.match(container.resources, { requests: { cpu: String, memory: String }, limits: { memory: String } }, name)
  }
})

test('every service is probed where its operators look, has a budget and is watched', async (t) => {
  for (const name of SERVICES) {
    const { container } = podOf(findManifest('Deployment', name))
    const ports = (container.ports ?? []).map((port) => port.name)
    t.same(container.startupProbe.httpGet, { path: '/healthz', port: 'management' }, name)
    t.same(container.livenessProbe.httpGet, { path: '/healthz', port: 'management' }, name)
    t.same(container.readinessProbe.httpGet, { path: '/readyz', port: 'management' }, name)
    t.ok(ports.includes('management'), name)
    const budget = findManifest('PodDisruptionBudget', name).spec
    t.match(budget, { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' }, name)
    t.equal(budget?.selector?.matchLabels?.['app.kubernetes.io/name'], name)
    for (const { targetPort } of findManifest('Service', name).spec?.ports ?? []) t.ok(ports.includes(targetPort), name)
  }
  for (const name of ['gateway', 'auth', 'session'])
    t.equal(findManifest('HorizontalPodAutoscaler', name).spec?.scaleTargetRef?.name, name)
})

test('metrics are collected from every service by its port for operators', async (t) => {
  const monitor = findManifest('ServiceMonitor', 'latchkey')
  t.same(Object.keys(monitor.spec ?? {}).sort(), ['endpoints', 'jobLabel', 'selector'])
  for (const { port } of monitor.spec?.endpoints ?? []) {
    for (const name of SERVICES) {
      const service = findManifest('Service', name)
      t.ok(
        service.spec?.ports?.some((offered) => offered.name === port),
        name
      )
      t.match(service.metadata.labels, monitor.spec?.selector?.matchLabels ?? {}, name)
    }
  }
})
