import fastifyRedis from '@fastify/redis'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { closeRedisClient, createRedisClient } from '../store/redis-client.ts'

/** `app.redis`, which is there whether or not the server is: the service listens and says on `/readyz` what it waits for. */
export const redis = fp(
  async (app: FastifyInstance, { url }: { url: string }) => {
    const client = createRedisClient(url)
    app.addHook('onClose', () => closeRedisClient(client))
    // @fastify/redis holds the start until it hears `ready`; a real one finds the start done and changes nothing.
    client.on('newListener', (event) => {
      if (event === 'ready') queueMicrotask(() => client.emit('ready'))
    })
    await app.register(fastifyRedis, { client, closeClient: false })
    client.removeAllListeners('newListener')
  },
  { name: 'redis' }
)
