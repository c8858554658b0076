import Fastify from 'fastify'
import { announce } from '../processes/announce.ts'
import { sampleWhoAmI } from '../who-am-i.ts'

/** The ceiling: the same answer, and nobody asks who may have it. Without a schema, which would make it slower here. */
const app = Fastify()
app.get('/who-am-i', async () => sampleWhoAmI)
announce({ address: await app.listen({ host: '127.0.0.1', port: 0 }) })
