import fastifyRedis from '@fastify/redis'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { closeRedis, type RedisClient } from './client.ts'

/** Makes the client known as `app.redis`, whether or not its server is there, and closes it with the app. */
export const redis = fp(
  async (app: FastifyInstance, { client }: { client: RedisClient }) => {
    app.addHook('onClose', () => closeRedis(client))
    await app.register(fastifyRedis, { client: presentAsReady(client), closeClient: false })
  },
  { name: 'redis' }
)

/**
 * The same client, but always of the status `ready`: @fastify/redis holds back the start of the app until its client is,
 * and a service whose Redis is down shall start, say so at `/readyz`, and wait.
 */
function presentAsReady<C extends RedisClient>(client: C): C {
  return new Proxy(client, {
    get: (target, name) => {
      if (name === 'status') return 'ready'
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}
