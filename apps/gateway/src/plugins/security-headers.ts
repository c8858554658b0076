import helmet, { type FastifyHelmetOptions } from '@fastify/helmet'
import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

export interface SecurityHeadersOptions {
  readonly production: boolean
}

const YEAR_SECONDS = 31_536_000

/**
 * The header fields of @fastify/helmet on every answer. They are the same each time, while the plugin works them out
 * again for each request: so it is asked once.
 */
export const securityHeaders = fp(
  async (app: FastifyInstance, { production }: SecurityHeadersOptions) => {
    const fields = await renderHelmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"], 'base-uri': ["'none'"] }
      },
      strictTransportSecurity: production ? { maxAge: YEAR_SECONDS, includeSubDomains: true } : false,
      referrerPolicy: { policy: 'no-referrer' },
      // What a policy without frames and without anything to run makes needless.
      frameguard: false,
      crossOriginOpenerPolicy: false,
      dnsPrefetchControl: false,
      ieNoOpen: false,
      originAgentCluster: false,
      permittedCrossDomainPolicies: false,
      xXssProtection: false
    })
    app.addHook('onRequest', (_request, reply, done) => {
      reply.headers(fields)
      done()
    })
  },
  { name: 'security-headers' }
)

async function renderHelmet(options: FastifyHelmetOptions): Promise<Record<string, string>> {
  const probe = Fastify()
  await probe.register(helmet, options)
  probe.get('/', async (_request, reply) => {
    reply.send(Object.fromEntries(Object.entries(reply.raw.getHeaders()).map(([name, value]) => [name, String(value)])))
  })
  const answer = await probe.inject('/')
  await probe.close()
  return answer.json()
}
