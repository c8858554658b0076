import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import Type, { type TObject } from 'typebox'
import { refusals as activityRefusals } from './activity/errors.ts'
import { activityRoutes } from './activity/routes.ts'
import { refusals as credentialRefusals } from './credentials/errors.ts'
import { createLogIn as createCredentialLogIn, credentialRoutes } from './credentials/routes.ts'
import { type Door, describeResponses, readDoor } from './describe-responses.ts'
import { refusals as deviceSessionRefusals } from './device-sessions/errors.ts'
import { createLogIn as createDeviceLogIn, deviceSessionRoutes } from './device-sessions/routes.ts'
import { createTag, type DialectName } from './names.ts'
import type { Refusals } from './refusals.ts'
import { refusals as splitTokenRefusals } from './split-token/errors.ts'
import { splitTokenRoutes } from './split-token/routes.ts'
import { refusals as userRefusals } from './users/errors.ts'
import { userRoutes } from './users/routes.ts'

interface Dialect {
  readonly routes: (app: FastifyInstance) => Promise<void>
  readonly refusals: Refusals
}

const dialects: Readonly<Record<DialectName, Dialect>> = {
  activity: { routes: activityRoutes, refusals: activityRefusals },
  'device-sessions': { routes: deviceSessionRoutes, refusals: deviceSessionRefusals },
  users: { routes: userRoutes, refusals: userRefusals },
  'split-token': { routes: splitTokenRoutes, refusals: splitTokenRefusals },
  credentials: { routes: credentialRoutes, refusals: credentialRefusals }
}

export interface DialectOptions {
  readonly names: readonly DialectName[]
}

/** The older interfaces at the root of the gateway, each in a scope of its own, and the one path that two share. */
export async function mountDialects(app: FastifyInstance, { names }: DialectOptions): Promise<void> {
  // Their schemas describe and judge nothing: what they take and give is theirs to say, in their own words and order.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))

  for (const name of names) {
    const { routes, refusals } = dialects[name]
    await app.register(async (scope) => {
      scope.setErrorHandler(refusals.answer)
      scope.addHook('onRoute', (route) => describe(route, [createTag(name).name], [readDoor(route, refusals)]))
      await scope.register(routes)
    })
  }
  mountLogIn(app, names)
}

function describe(route: RouteOptions, tags: readonly string[], doors: readonly Door[]): void {
  route.schema = { ...route.schema, tags, response: describeResponses(doors) }
}

/** One interface's part of the path that two share. */
interface LogIn extends Door {
  readonly name: DialectName
  readonly body: TObject
  handle(request: FastifyRequest, reply: FastifyReply): Promise<object>
}

/** Whoever sends a mobile number speaks the one interface, anybody else the other, if both are spoken here. */
function mountLogIn(app: FastifyInstance, names: readonly DialectName[]): void {
  const path = '/login'
  const shared = { path, access: 'public' } as const
  const all: readonly LogIn[] = [
    { ...shared, name: 'device-sessions', refusals: deviceSessionRefusals, ...createDeviceLogIn(app) },
    { ...shared, name: 'credentials', refusals: credentialRefusals, ...createCredentialLogIn(app) }
  ]
  const spoken = all.filter(({ name }) => names.includes(name))
  const [first, last = first] = spoken
  if (first === undefined || last === undefined) return
  const choose = ({ body }: FastifyRequest) => (hasMobile(body) ? first : last)

  app.post(path, {
    config: { access: 'public', limit: 'credentials', answers: first.answers },
    schema: {
      operationId: 'olderLogIn',
      summary: 'Sign in by mobile number, or by username',
      tags: spoken.map(({ name }) => createTag(name).name),
      body: Type.Union(
        spoken.map(({ body }) => body),
        { examples: spoken.flatMap(({ body }) => listExamples(body)) }
      ),
      response: describeResponses(spoken)
    },
    errorHandler: (error, request, reply) => choose(request).refusals.answer(error, request, reply),
    handler: (request, reply) => choose(request).handle(request, reply)
  })
}

function hasMobile(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, 'mobile')
}

function listExamples(schema: TObject): readonly unknown[] {
  return 'examples' in schema && Array.isArray(schema.examples) ? schema.examples : []
}
