import { variables as activity } from '@latchkey/activity/config'
import { variables as auth } from '@latchkey/auth/config'
import { listServiceEnvironments } from '@latchkey/dev/service-environments'
import { variables as gateway } from '@latchkey/gateway/config'
import { variables as session } from '@latchkey/session/config'
import { test } from 'tap'
import { SERVICES } from '../../src/environment.ts'

/** Two ways to say one thing: the files say it by `REDIS_URL`. */
const alternatives = ['REDIS_HOST', 'REDIS_PORT']

test('the environment files of the launcher name every variable that their service reads, and no other', async (t) => {
  const files = listServiceEnvironments(
    {
      dataFolder: '/data',
      urls: { postgres: 'postgres://a', redis: 'redis://b', nats: 'nats://c' },
      ports: { gateway: 1, auth: 2, session: 3, activity: 4 },
      secrets: { postgresPassword: '', redisPassword: '', refreshSecret: '', factorSecret: '', serviceKey: '' }
    },
    {}
  )
  const variables = { gateway, auth, session, activity }
  for (const service of SERVICES) {
    const read = Object.keys(variables[service]).filter((name) => !alternatives.includes(name))
    t.same(Object.keys(files[service]).sort(), read.sort(), service)
  }
})
