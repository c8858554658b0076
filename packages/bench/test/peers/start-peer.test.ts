import { startEphemeralPostgres } from '@latchkey/dev/servers'
import { test } from 'tap'
import { createHttpClient } from '../../src/load/http-client.ts'
import { measureLoad } from '../../src/load/measure-load.ts'
import { listPeerPlans, startPeer } from '../../src/peers/start-peer.ts'
import { startRedis } from '../../src/stack/start-stack.ts'
import { sampleWhoAmI } from '../../src/who-am-i.ts'
import { context } from '../context.ts'

test('every peer tells a person who has signed in who they are, and nobody else', async (t) => {
  const scope = new AsyncDisposableStack()
  t.teardown(() => scope.disposeAsync())
  const client = scope.use(createHttpClient())
  const postgres = await startEphemeralPostgres(context.environment)
  scope.defer(postgres.stop)
  const stores = { redisUrl: await startRedis(scope, context), databaseUrl: postgres.url }

  for (const plan of listPeerPlans(stores)) {
    const { id, url, createHeaders } = await startPeer(scope, context, client, plan)
    const headers = await createHeaders()
    const known = await client.ask({ method: 'GET', url, headers })
    const unknown = await client.ask({ method: 'GET', url })
    t.equal(known.status, 200, id)
    if (id.startsWith('better-auth')) {
      t.equal(JSON.parse(known.body).user.email, `${id}@example.com`, id)
      t.equal(unknown.body, 'null', id)
    } else {
      t.same(JSON.parse(known.body), sampleWhoAmI, id)
      t.equal(unknown.status, plan.signIn === undefined ? 200 : 401, id)
    }
    if (id === 'jwt-hs256') t.ok((await measureLoad(context, { url, headers }, 1)) > 0, id)
  }
})
