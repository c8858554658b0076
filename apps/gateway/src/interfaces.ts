import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { mountDialects } from './dialects/mount.ts'
import type { DialectName } from './dialects/names.ts'
import { lastingSessions } from './plugins/lasting-sessions.ts'
import { noStore } from './plugins/no-store.ts'
import { serviceKeys } from './plugins/service-key.ts'
import { textFields } from './plugins/text-fields.ts'
import { keyRoutes } from './routes/keys.ts'
import { v1Routes } from './routes/v1.ts'

export interface InterfacesOptions {
  /** The older interfaces that are spoken here. */
  readonly dialects: readonly DialectName[]
  /** What trusted servers prove themselves by; `undefined` where nobody has to. */
  readonly serviceKey: string | undefined
}

/** What clients are here for: the keys, the product's own interface, and the older ones. */
export const interfaces = fp(
  async (app: FastifyInstance, { dialects, serviceKey }: InterfacesOptions) => {
    await app.register(keyRoutes)
    await app.register(async (v1) => v1.register(noStore).register(v1Routes), { prefix: '/v1' })
    await app.register(async (scope) => {
      scope.register(noStore).register(textFields).register(lastingSessions)
      scope.register(serviceKeys, { serviceKey })
      scope.register(mountDialects, { names: dialects })
    })
  },
  { name: 'interfaces', dependencies: ['authentication'] }
)
