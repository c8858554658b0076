import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { createClient } from 'redis'
import Type from 'typebox'
import { announce, listen, readTask } from '../processes/announce.ts'
import { sampleWhoAmI } from '../who-am-i.ts'

declare module 'express-session' {
  interface SessionData {
    user: typeof sampleWhoAmI.user
  }
}

const WEEK_MS = 7 * 24 * 3600 * 1000

const { redisUrl } = readTask(Type.Object({ redisUrl: Type.String() }))
const client = await createClient({ url: redisUrl }).connect()

/** Sessions in Redis, read and touched at each request, with the settings its documentation recommends. */
const app = express()
app.use(
  session({
    store: new RedisStore({ client }),
    secret: randomBytes(32).toString('hex'),
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: WEEK_MS }
  })
)
app.post('/sign-in', (request, response) => {
  request.session.user = sampleWhoAmI.user
  response.json({})
})
app.get('/who-am-i', (request, response) => {
  const { user } = request.session
  if (user === undefined) response.status(401).json({})
  else response.json({ user, session: sampleWhoAmI.session })
})
announce({ address: await listen(createServer(app)) })
