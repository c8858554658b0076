import { test } from 'tap'
import { SERVICES } from '../../src/environment.ts'
import { type EnvironmentEntry, findManifest, podOf, workloads } from './manifests.ts'
import { readText, variables } from './variables.ts'

const { data: settings = {} } = findManifest('ConfigMap', 'latchkey-settings')

/** Whether there is a text in any case; that of a secret only the cluster knows. */
function isProvided({ value, valueFrom }: EnvironmentEntry): boolean {
  return value !== undefined || valueFrom?.secretKeyRef?.optional !== true
}

for (const name of SERVICES) {
  test(`${name} is given what it needs in production, by names that it knows`, async (t) => {
    const { env } = podOf(findManifest('Deployment', name)).container
    const known = variables[name]({ NODE_ENV: 'production' })
    t.same(
      env.filter((entry) => !Object.hasOwn(known, entry.name)).map((entry) => entry.name),
      ['OTEL_EXPORTER_OTLP_HEADERS']
    )
    const provided = [...Object.keys(settings), ...env.filter(isProvided).map((entry) => entry.name)]
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

test('what is configured in the open is acceptable to every service that reads it, and somebody does', async (t) => {
  for (const [variable, text] of Object.entries(settings)) {
    const readers = SERVICES.map((name) => variables[name]({ NODE_ENV: 'production' })[variable])
    const known = readers.filter((reader) => reader !== undefined)
    t.ok(known.length > 0, variable)
    for (const { parse } of known) t.not(parse(text), undefined, variable)
  }
})

test('secrets come by reference, and only the migration knows the role that owns the schema', async (t) => {
  for (const workload of workloads) {
    for (const { name, value, valueFrom } of podOf(workload).container.env) {
      if (/URL$|SECRET|KEY$/.test(name)) t.ok(valueFrom?.secretKeyRef, name)
      if (value !== undefined) t.notMatch(value, /:\/\//, name)
      t.equal(name === 'MIGRATION_DATABASE_URL', workload.kind === 'Job', `${workload.metadata.name} ${name}`)
    }
  }
})

test('README lists every secret that is asked for, and says which may be left out', async (t) => {
  const text = readText('docker/kubernetes/README.md')
  const [required = '', optional = ''] = text.split('These are used')
  for (const { spec, container } of workloads.map(podOf)) {
    for (const { valueFrom } of container.env) {
      if (valueFrom?.secretKeyRef === undefined) continue
      const { name, key, optional: mayLack = false } = valueFrom.secretKeyRef
      const part = mayLack && key !== 'service-key' ? optional : required
      const rows = part.split('\n').filter((line) => line.startsWith('| ') && line.includes(`\`${name}\``))
      t.ok(
        rows.some((row) => row.includes(`\`${key}\``)),
        `${name} ${key}`
      )
    }
    for (const { secret } of spec.volumes ?? []) {
      t.ok((secret.optional === true ? optional : required).includes(`\`${secret.secretName}\``), secret.secretName)
    }
  }
})
