import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'

const nats = await startNats(t)

t.test('the key set is public, cacheable and holds what verifies tokens', async (t) => {
  const { app, key } = await startGateway(t, { natsUrl: nats.url })
  const res = await app.inject('/.well-known/jwks.json')
  t.same(res.json(), { keys: [key.jwk] })
  t.match(res.headers['cache-control'], /^public, max-age=\d+$/)
})
