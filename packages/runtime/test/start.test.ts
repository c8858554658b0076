import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import Fastify from 'fastify'
import { test } from 'tap'
import { hangUpIdle } from '../src/start.ts'

test('a client that keeps the connection of its last answer does not hold up the end', async (t) => {
  const app = Fastify({ keepAliveTimeout: 60_000 })
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  app.get('/', async () => {
    begun.resolve()
    await released.promise
    return 'whole'
  })
  hangUpIdle(app)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const [response] = await Promise.all([
    once(get(`${await app.listen({ port: 0 })}/`, { agent }), 'response') as Promise<[IncomingMessage]>,
    begun.promise.then(async () => {
      const closed = app.close()
      released.resolve()
      await closed
      t.pass('closed while the client still had its connection')
    })
  ])
  t.equal((await response[0].toArray()).join(''), 'whole')
})
