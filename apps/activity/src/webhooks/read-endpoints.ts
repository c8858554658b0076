import { readFile } from 'node:fs/promises'
import { events } from '@latchkey/contracts/events'
import { ConfigError } from '@latchkey/runtime/config'
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import type { WebhookEndpoint } from '../domain/webhook-ports.ts'
import { readSecret } from './sign.ts'

const Endpoint = Type.Object(
  {
    /** Part of the name under which the stream remembers how far the endpoint has come. */
    name: Type.String({ pattern: '^[a-z0-9-]{1,32}$' }),
    url: Type.String({ maxLength: 2048 }),
    secrets: Type.Array(Type.String(), { minItems: 1, maxItems: 5 }),
    events: Type.Optional(Type.Array(Type.String(), { minItems: 1 }))
  },
  { additionalProperties: false }
)
const validator = Compile(
  Type.Object({ endpoints: Type.Array(Endpoint, { maxItems: 100 }) }, { additionalProperties: false })
)

/** The endpoints of the file, or of none; throws a `ConfigError` that names each place at fault, and never a secret. */
export async function readEndpoints(
  path: string | undefined,
  { requiresTls }: { readonly requiresTls: boolean }
): Promise<readonly WebhookEndpoint[]> {
  if (path === undefined) return []
  const file = await readJson(path)
  if (!validator.Check(file)) {
    const places = validator.Errors(file).map(({ instancePath, message }) => `${instancePath || 'it'} ${message}`)
    throw refuse([...new Set(places)])
  }
  const endpoints = file.endpoints.map(({ events: wanted, ...endpoint }) => ({ ...endpoint, events: wanted }))
  const faults = endpoints.flatMap((endpoint, index) => {
    const isRepeated = endpoints.findIndex(({ name }) => name === endpoint.name) !== index
    const all = [...(isRepeated ? ['name is taken'] : []), ...findFaults(endpoint, requiresTls)]
    return all.map((fault) => `/endpoints/${index}/${fault}`)
  })
  if (faults.length > 0) throw refuse(faults)
  return endpoints
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (err) {
    throw refuse([err instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read'])
  }
}

function findFaults({ url, secrets, events: wanted = [] }: WebhookEndpoint, requiresTls: boolean): string[] {
  return [
    ...(isAddress(url, requiresTls)
      ? []
      : [`url must be ${requiresTls ? 'an https' : 'an http'} URL without credentials`]),
    ...secrets.flatMap((secret, index) =>
      readSecret(secret) === undefined ? [`secrets/${index} must be whsec_ and 24 to 64 bytes in base64`] : []
    ),
    ...wanted.flatMap((name, index) => (Object.hasOwn(events, name) ? [] : [`events/${index} is not an event`]))
  ]
}

function isAddress(text: string, requiresTls: boolean): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return (protocol === 'https:' || (protocol === 'http:' && !requiresTls)) && username === '' && password === ''
}

function refuse(faults: readonly string[]): ConfigError {
  return new ConfigError(`configuration: in the file of WEBHOOKS_FILE ${faults.join('; ')}`)
}
