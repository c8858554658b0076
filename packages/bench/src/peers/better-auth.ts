import { randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { hash, verify } from 'argon2'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node'
import Fastify from 'fastify'
import { Pool } from 'pg'
import { createClient } from 'redis'
import Type from 'typebox'
import { ARGON2 } from '../argon2-parameters.ts'
import { announce, listen, readTask } from '../processes/announce.ts'

const CACHE_SECONDS = 300

const { redisUrl, databaseUrl, cookieCache } = readTask(
  Type.Object({ redisUrl: Type.String(), databaseUrl: Type.String(), cookieCache: Type.Boolean() })
)
const redis = await createClient({ url: redisUrl }).connect()

let handle: RequestListener = (_, response) => void response.writeHead(503).end()
const server = createServer((request, response) => handle(request, response))
const address = await listen(server)

/** Its own endpoints on a bare server, sessions in Redis, users in PostgreSQL, passwords hashed as Latchkey does. */
const auth = betterAuth({
  baseURL: address,
  secret: randomBytes(32).toString('hex'),
  database: new Pool({ connectionString: databaseUrl }),
  secondaryStorage: {
    get: (key) => redis.get(key),
    getAndDelete: (key) => redis.getDel(key),
    increment: async (key, ttlSeconds) => {
      const [count] = await redis.multi().incr(key).expire(key, ttlSeconds, 'NX').exec()
      return Number(count)
    },
    set: async (key, value, ttlSeconds) => {
      await redis.set(key, value, ttlSeconds === undefined ? {} : { expiration: { type: 'EX', value: ttlSeconds } })
    },
    delete: async (key) => {
      await redis.del(key)
    }
  },
  emailAndPassword: {
    enabled: true,
    password: {
      hash: (password) => hash(password, ARGON2),
      verify: ({ hash: verifier, password }) => verify(verifier, password)
    }
  },
  session: { cookieCache: { enabled: cookieCache, maxAge: CACHE_SECONDS } },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { disabled: true }
})
const { runMigrations } = await getMigrations(auth.options)
await runMigrations()

// The quicker way, open to servers that are Node.js programs themselves: no HTTP of its own, only the function behind it.
const app = Fastify()
app.get('/who-am-i', (request) => auth.api.getSession({ headers: fromNodeHeaders(request.headers) }))
await app.ready()

const ownEndpoints = toNodeHandler(auth)
handle = (request, response) => {
  if (request.url === '/who-am-i') app.routing(request, response)
  else void ownEndpoints(request, response)
}
announce({ address })
