import { getVariables as activity } from '@latchkey/activity/config'
import { getVariables as auth } from '@latchkey/auth/config'
import { variablesOf as gateway } from '@latchkey/gateway/config'
import type { Environment, Variables } from '@latchkey/runtime/config'
import { getVariables as session } from '@latchkey/session/config'
import { test } from 'tap'
import { SERVICES } from '../../src/environment.ts'
import { type EnvironmentEntry, findSchemaFaults, type Manifest, renderProduction } from './manifests.ts'

const { kustomization, manifests } = renderProduction()
const topLevelKeys = ['apiVersion', 'kind', 'metadata', 'spec', 'data']
const variables: Readonly<Record<(typeof SERVICES)[number], (environment: Environment) => Variables>> = {
  gateway,
  auth,
  session,
  activity
}

function find(kind: string, name: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)
  if (found === undefined) throw new Error(`no ${kind} ${name}`)
  return found
}

function podOf(manifest: Manifest) {
  const { template } = manifest.spec ?? {}
  if (template === undefined) throw new Error(`${manifest.metadata.name} makes no pods`)
  return { labels: template.metadata.labels, spec: template.spec, container: template.spec.containers[0] }
}

const workloads = [...SERVICES.map((name) => find('Deployment', name)), find('Job', 'migrate')]

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
  const { spec, ...rest } = find('Deployment', 'auth')
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
  t.equal(kustomization.namespace, find('Namespace', 'latchkey').metadata.name)
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
    const { container } = podOf(find('Deployment', name))
    const ports = (container.ports ?? []).map((port) => port.name)
    t.same(container.startupProbe.httpGet, { path: '/healthz', port: 'management' }, name)
    t.same(container.livenessProbe.httpGet, { path: '/healthz', port: 'management' }, name)
    t.same(container.readinessProbe.httpGet, { path: '/readyz', port: 'management' }, name)
    t.ok(ports.includes('management'), name)
    t.equal(find('PodDisruptionBudget', name).spec?.selector?.matchLabels?.['app.kubernetes.io/name'], name)
    for (const { targetPort } of find('Service', name).spec?.ports ?? []) t.ok(ports.includes(targetPort), name)
  }
  for (const name of ['gateway', 'auth'])
    t.equal(find('HorizontalPodAutoscaler', name).spec?.scaleTargetRef?.name, name)
})

test('metrics are collected from every service by its port for operators', async (t) => {
  const monitor = find('ServiceMonitor', 'latchkey')
  t.same(Object.keys(monitor.spec ?? {}).sort(), ['endpoints', 'jobLabel', 'selector'])
  for (const { port } of monitor.spec?.endpoints ?? []) {
    for (const name of SERVICES) {
      const service = find('Service', name)
      t.ok(
        service.spec?.ports?.some((offered) => offered.name === port),
        name
      )
      t.match(service.metadata.labels, monitor.spec?.selector?.matchLabels ?? {}, name)
    }
  }
})

const stores = { gateway: [], auth: ['postgresql'], session: ['redis'], activity: ['redis'] } as const

test('whatever is not named is cut off, and each pod reaches only what it works with', async (t) => {
  t.match(find('NetworkPolicy', 'nothing-else').spec, { policyTypes: ['Ingress', 'Egress'], ingress: undefined })
  const reached = (name: string) =>
    (find('NetworkPolicy', name).spec?.egress ?? [])
      .flatMap(({ to = [] }) => to.map(({ podSelector }) => podSelector?.matchLabels['app.kubernetes.io/name']))
      .filter((label) => label !== undefined)
  for (const name of SERVICES) t.same(reached(name), ['nats', ...stores[name]], name)
  t.same(reached('migrate'), ['postgresql'])
  const entered = (name: string) => (find('NetworkPolicy', name).spec?.ingress ?? []).flatMap(({ ports }) => ports)
  t.same(
    entered('gateway').map(({ port }) => port),
    [3000, 3001]
  )
  for (const name of ['auth', 'session', 'activity'])
    t.same(
      entered(name).map(({ port }) => port),
      [3000],
      name
    )
})

/** A variable's text, as far as the manifests know it; secrets are texts that only the cluster knows. */
function isProvided({ value, valueFrom }: EnvironmentEntry): boolean {
  const { secretKeyRef, configMapKeyRef } = valueFrom ?? {}
  if (configMapKeyRef === undefined) return value !== undefined || secretKeyRef?.optional !== true
  return find('ConfigMap', configMapKeyRef.name).data?.[configMapKeyRef.key] !== undefined
}

for (const name of SERVICES) {
  test(`${name} is given what it needs in production, by names that it knows`, async (t) => {
    const { env } = podOf(find('Deployment', name)).container
    const known = variables[name]({ NODE_ENV: 'production' })
    t.same(
      env.filter((entry) => !Object.hasOwn(known, entry.name)).map((entry) => entry.name),
      []
    )
    const provided = env.filter(isProvided).map((entry) => entry.name)
    const required = Object.keys(known).filter((variable) => known[variable]?.fallback === undefined)
    t.same(
      required.filter((variable) => !provided.includes(variable)),
      []
    )
    for (const { name: variable, value } of env) {
      if (value !== undefined) t.not(known[variable]?.parse(value), undefined, variable)
    }
  })
}

test('what is configured in the open is acceptable to every service that reads it', async (t) => {
  const { data = {} } = find('ConfigMap', 'latchkey-settings')
  for (const name of SERVICES) {
    const known = variables[name]({ NODE_ENV: 'production' })
    for (const { name: variable, valueFrom } of podOf(find('Deployment', name)).container.env) {
      const text = data[valueFrom?.configMapKeyRef?.key ?? '']
      if (text !== undefined) t.not(known[variable]?.parse(text), undefined, `${name} ${variable}`)
    }
  }
})

test('secrets come by reference, and only the migration knows the role that owns the schema', async (t) => {
  for (const workload of workloads) {
    for (const { name, value, valueFrom } of podOf(workload).container.env) {
      if (/URL$|SECRET|KEY$/.test(name) && name !== 'PUBLIC_URL') t.ok(valueFrom?.secretKeyRef, name)
      if (value !== undefined) t.notMatch(value, /:\/\//, name)
      t.equal(name === 'MIGRATION_DATABASE_URL', workload.kind === 'Job', `${workload.metadata.name} ${name}`)
    }
  }
})
