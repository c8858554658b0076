import { readFileSync } from 'node:fs'
import { Deployment } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { Job } from 'kubernetes-models/batch/v1'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ConfigMap, Namespace, Service } from 'kubernetes-models/v1'
import { parse, parseAllDocuments } from 'yaml'
import { SERVICES } from '../../src/environment.ts'

/** As much of any manifest as the tests read. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels }
  readonly spec?: ManifestSpec
  readonly data?: Readonly<Record<string, string>>
}

type Labels = Readonly<Record<string, string>>

interface ManifestSpec {
  readonly selector?: { readonly matchLabels?: Labels }
  readonly podSelector?: { readonly matchLabels?: Labels }
  readonly template?: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec }
  readonly ports?: readonly { readonly name: string; readonly targetPort: string }[]
  readonly scaleTargetRef?: { readonly name: string }
  readonly policyTypes?: readonly string[]
  readonly egress?: readonly Rule[]
  readonly ingress?: readonly Rule[]
  readonly endpoints?: readonly { readonly port: string }[]
}

interface Rule {
  readonly to?: readonly { readonly podSelector?: { readonly matchLabels: Labels }; readonly ipBlock?: AddressBlock }[]
  readonly ports: readonly { readonly port: number }[]
}

interface AddressBlock {
  readonly cidr: string
  readonly except?: readonly string[]
}

interface PodSpec {
  readonly enableServiceLinks: boolean
  readonly automountServiceAccountToken: boolean
  readonly securityContext: object
  readonly containers: readonly [Container]
  readonly volumes?: readonly { readonly secret: { readonly secretName: string; readonly optional?: boolean } }[]
}

interface Container {
  readonly name: string
  readonly image: string
  readonly env: readonly EnvironmentEntry[]
  readonly envFrom: readonly { readonly configMapRef: { readonly name: string; readonly optional?: boolean } }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly resources: object
  readonly securityContext: object
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}

interface Reference {
  readonly name: string
  readonly key: string
  readonly optional?: boolean
}

export interface EnvironmentEntry {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly secretKeyRef?: Reference }
}

interface Kustomization {
  readonly namespace?: string
  readonly resources: readonly string[]
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[]
}

const kubernetes = new URL('../../../../docker/kubernetes/', import.meta.url)
const models = {
  Deployment,
  HorizontalPodAutoscaler,
  Job,
  NetworkPolicy,
  PodDisruptionBudget,
  ConfigMap,
  Namespace,
  Service
}

function readKustomization(folder: URL): Kustomization {
  return parse(readFileSync(new URL('kustomization.yaml', folder), 'utf8'))
}

function readManifests(file: URL): Manifest[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document): Manifest => document.toJS())
}

/** What kustomize makes of the production overlay, as far as that overlay goes: resources, namespace, images. */
function renderProduction(): { readonly kustomization: Kustomization; readonly manifests: readonly Manifest[] } {
  const overlay = new URL('overlays/production/', kubernetes)
  const base = new URL('base/', kubernetes)
  const kustomization = readKustomization(overlay)
  const files = [
    ...readKustomization(base).resources.map((name) => new URL(name, base)),
    ...kustomization.resources.filter((name) => name.endsWith('.yaml')).map((name) => new URL(name, overlay))
  ]
  const { images = [] } = kustomization
  const withImage = (container: Container): Container => {
    const image = images.find(({ name }) => name === container.image)
    return image === undefined ? container : { ...container, image: `${image.newName}:${image.newTag}` }
  }
  const manifests = files.flatMap(readManifests).map((manifest): Manifest => {
    const { template } = manifest.spec ?? {}
    if (template === undefined) return manifest
    const [container] = template.spec.containers
    const spec = { ...template.spec, containers: [withImage(container)] as const }
    return { ...manifest, spec: { ...manifest.spec, template: { ...template, spec } } }
  })
  return { kustomization, manifests }
}

export const { kustomization, manifests } = renderProduction()

export function findManifest(kind: string, name: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)
  if (found === undefined) throw new Error(`no ${kind} ${name}`)
  return found
}

export function podOf(manifest: Manifest) {
  const { template } = manifest.spec ?? {}
  if (template === undefined) throw new Error(`${manifest.metadata.name} makes no pods`)
  return { labels: template.metadata.labels, spec: template.spec, container: template.spec.containers[0] }
}

/** What makes pods of ours. */
export const workloads = [...SERVICES.map((name) => findManifest('Deployment', name)), findManifest('Job', 'migrate')]

/** What the schema of its kind has against a manifest; a kind without a schema here is not known. */
export function findSchemaFaults(manifest: Manifest): readonly string[] {
  const model = Object.entries(models).find(([kind]) => kind === manifest.kind)?.[1]
  if (model === undefined) return [`${manifest.kind} has no schema`]
  const unread = new Set<string>()
  const instance = new model(manifest as never)
  // The model copies what it is made of, and would read all of it.
  for (const [key, value] of Object.entries(manifest)) Reflect.set(instance, key, watchReads(value, `/${key}`, unread))
  try {
    instance.validate()
    return [...unread].map((path) => `${path} is not in the schema`)
  } catch (err) {
    return [String(err)]
  }
}

/**
 * A copy that notes which of its keys nobody reads. Schemas let unknown fields pass; since they look at each field they
 * know by its name, what they have not looked at they do not know.
 */
function watchReads(value: unknown, path: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, watchReads(inner, `${path}/${key}`, unread)])
  const copy: object = Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries)
  for (const [key] of entries) unread.add(`${path}/${key}`)
  return new Proxy(copy, {
    get: (target, key, receiver) => {
      unread.delete(`${path}/${String(key)}`)
      return Reflect.get(target, key, receiver)
    }
  })
}
