import { type ErrorCode, errorCatalogue } from '@latchkey/contracts/errors'
import type { RouteOptions } from 'fastify'
import type { Access } from './access.ts'
import type { TokenCookies } from './token-parts.ts'

interface Operation {
  operationId?: string
  security?: readonly object[]
  parameters?: readonly object[]
  responses?: Record<string, object>
}

/** The little of an OpenAPI document that is filled in here. */
export interface OpenApiDocument {
  paths?: Record<string, Record<string, Operation>>
  components?: { securitySchemes?: object; schemas?: object }
}

export interface DescribedRoute {
  readonly access: Access
  readonly tokenCookies: TokenCookies | undefined
  readonly errors: readonly ErrorCode[]
}

/** Of any route that asks a service; one that does not can only be too early. */
const asking: readonly ErrorCode[] = ['internal', 'unavailable', 'deadline_exceeded']
const early: readonly ErrorCode[] = ['unavailable']
const authenticated: readonly ErrorCode[] = [
  'unauthenticated',
  'token_invalid',
  'token_expired',
  'session_ended',
  'user_blocked'
]

/**
 * Every error a route can meet: those it names, and those that follow from its access, its method and its input. None
 * for a route that describes them itself.
 */
export function describeRoute({ config, method, schema }: RouteOptions): DescribedRoute {
  const { access = 'public', tokenCookies } = config ?? {}
  if (config?.answers !== undefined) return { access, tokenCookies, errors: [] }
  const changes = !['GET', 'HEAD'].includes(String(method))
  const errors = [
    ...(schema?.body === undefined
      ? []
      : (['invalid_request', 'payload_too_large', 'unsupported_media_type'] as const)),
    ...(schema?.querystring === undefined ? [] : (['invalid_request'] as const)),
    ...(access === 'public' ? [] : authenticated),
    ...(access === 'admin' ? (['forbidden'] as const) : []),
    ...(changes ? (['csrf'] as const) : []),
    ...(config?.errors ?? []),
    ...(config?.limit === undefined ? [] : (['too_many_attempts'] as const)),
    ...(changes || access !== 'public' ? asking : early)
  ]
  return { access, tokenCookies, errors: [...new Set(errors)] }
}

/** A header that every route for users knows. */
const background = {
  name: 'Latchkey-Background',
  in: 'header',
  required: false,
  schema: { type: 'string', enum: ['1'] },
  description: 'The request happens by itself: it is no activity of the user, and keeps no session from going idle.'
}

/** Completes a document that was made from schemas with what the schemas do not say: errors and who may call. */
export function describeErrors<D extends OpenApiDocument>(document: D, routes: ReadonlyMap<string, DescribedRoute>): D {
  for (const operation of Object.values(document.paths ?? {}).flatMap((path) => Object.values(path))) {
    const route = routes.get(operation.operationId ?? '')
    if (route === undefined) continue
    operation.responses = { ...operation.responses, ...createResponses(route.errors) }
    if (route.access === 'public') continue
    operation.security = [{ bearer: [] }, requireCookies(route)]
    operation.parameters = [...(operation.parameters ?? []), background]
  }
  return document
}

/** Security schemes for tokens in other cookies than the platform's. */
export function createCookieSchemes(routes: Iterable<DescribedRoute>): Record<string, object> {
  const names = new Set([...routes].flatMap(({ tokenCookies = [] }) => [...tokenCookies]))
  return Object.fromEntries([...names].map((name) => [nameCookieScheme(name), { type: 'apiKey', in: 'cookie', name }]))
}

function requireCookies({ tokenCookies }: DescribedRoute): Record<string, readonly never[]> {
  const schemes = tokenCookies === undefined ? ['cookie'] : tokenCookies.map(nameCookieScheme)
  return Object.fromEntries(schemes.map((scheme) => [scheme, []]))
}

function nameCookieScheme(cookie: string): string {
  return `cookie_${cookie}`
}

function createResponses(errors: readonly ErrorCode[]): Record<string, object> {
  const byStatus = Map.groupBy(errors, (code) => errorCatalogue[code].status)
  return Object.fromEntries(
    [...byStatus]
      .toSorted(([a], [b]) => a - b)
      .map(([status, codes]) => [
        String(status),
        {
          description: codes.map((code) => `\`${code}\`: ${errorCatalogue[code].title}`).join('; '),
          content: {
            'application/problem+json': {
              schema: { $ref: '#/components/schemas/Problem' },
              examples: Object.fromEntries(codes.map((code) => [code, { value: createExample(code) }]))
            }
          }
        }
      ])
  )
}

const exampleDetails: Partial<Record<ErrorCode, object>> = {
  invalid_request: { errors: [{ field: 'password', code: 'too_short', message: 'This is too short' }] },
  session_ended: { reason: 'revoked_by_user', endedAt: '2026-11-21T09:30:00.000Z' },
  user_blocked: { reason: 'inactivity', blockedUntil: '2026-11-21T09:45:00.000Z' },
  identifier_taken: { field: 'email' },
  session_limit: { sessions: [] }
}

function createExample(code: ErrorCode): object {
  const { status, title } = errorCatalogue[code]
  const requestId = '3f1c7d1e-52a5-4a59-9b0e-7c9f8a2f4b6d'
  return { type: `urn:latchkey:problem:${code}`, title, status, code, requestId, ...exampleDetails[code] }
}
