import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { createTag, type DialectName } from '../dialects/names.ts'
import { createCookieSchemes, describeErrors, describeRoute, type OpenApiDocument } from '../openapi-errors.ts'
import { createComponentSchemas, referToNames } from '../openapi-names.ts'

export interface OpenApiOptions {
  readonly publicUrl: string
  /** The interfaces that are served beside the platform's own. */
  readonly dialects: readonly DialectName[]
  /** Serves `/openapi.json` and `/docs`. */
  readonly public: boolean
}

const DESCRIPTION = `Identity, sessions and activity. Errors are problem documents (RFC 9457): decide by \`code\`.

A request under way when its session ends may still finish; the next one is refused.`

/** The page's own files and what it draws with; nothing from anywhere else. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'"

/** Describes the API from the schemas of its routes (OpenAPI 3.1), as a document and as a page to read. */
export const openapi = fp(
  async (app: FastifyInstance, { publicUrl, dialects, public: isPublic }: OpenApiOptions) => {
    const described = new Map<string, ReturnType<typeof describeRoute>>()
    app.addHook('onRoute', (route) => {
      const { operationId } = route.schema ?? {}
      if (operationId !== undefined) described.set(operationId, describeRoute(route))
    })

    await app.register(swagger, {
      openapi: createOutline({ publicUrl, dialects }, app.sessionCookies.names.access),
      exposeHeadRoutes: false,
      transformObject: (input) => {
        if (!('openapiObject' in input)) return input.swaggerObject
        const document = describeErrors(referToNames(input.openapiObject) as OpenApiDocument, described)
        const { securitySchemes } = document.components ?? {}
        document.components = {
          securitySchemes: { ...securitySchemes, ...createCookieSchemes(described.values()) },
          schemas: createComponentSchemas()
        }
        return document
      }
    })

    if (!isPublic) return
    app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
      reply.header('cache-control', 'no-cache')
      return app.swagger()
    })
    await app.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: DOCS_POLICY,
      uiConfig: { deepLinking: true, validatorUrl: null }
    })
  },
  { name: 'openapi', dependencies: ['cookies'] }
)

/** What no route can say about the whole. */
function createOutline(
  { publicUrl, dialects }: Pick<OpenApiOptions, 'publicUrl' | 'dialects'>,
  cookieName: string
): NonNullable<FastifyDynamicSwaggerOptions['openapi']> {
  return {
    openapi: '3.1.0',
    info: { title: 'Latchkey', version: '1.0.0', description: DESCRIPTION, license: { name: 'MIT' } },
    servers: [{ url: publicUrl }],
    tags: [
      { name: 'users', description: 'Signing up' },
      { name: 'sessions', description: 'Signing in, seeing and ending sessions' },
      { name: 'me', description: 'The signed-in user' },
      {
        name: 'mail',
        description: 'What is done by links in mails; each works once, and only a `POST` or `PUT` uses it'
      },
      { name: 'admin', description: 'Other users, for admins' },
      { name: 'keys', description: 'For those who verify access tokens themselves' },
      ...dialects.map(createTag)
    ],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        cookie: { type: 'apiKey', in: 'cookie', name: cookieName }
      }
    }
  }
}
