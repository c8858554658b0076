import { ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { CREATED_AT } from '../stand-ins.ts'

const nats = await startNats(t)
const block = { reason: 'admin', blockedUntil: null, blockedAt: CREATED_AT, blockedBy: null, note: 'spam' } as const

t.test('a block is set in the name of the admin who asks, with or without an end, a note, a body', async (t) => {
  const asked: unknown[] = []
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    admin: {
      block: async (request) => {
        asked.push(request)
        return ok(block)
      }
    }
  })
  const { id: userId } = signedIn.user
  const put = (payload?: object) =>
    app.inject({ method: 'PUT', url: `/v1/admin/users/${userId}/block`, headers: bearer, ...(payload && { payload }) })
  t.same((await put({ until: '2026-12-24T18:00:00Z', reason: 'spam' })).json(), block)
  for (const payload of [{ until: null, reason: null }, {}, undefined]) t.equal((await put(payload)).statusCode, 200)
  const actor = { kind: 'admin', id: userId }
  const endless = { userId, until: null, note: null, actor }
  t.same(asked, [{ userId, until: '2026-12-24T18:00:00Z', note: 'spam', actor }, endless, endless, endless])
  for (const payload of [{ until: 5 }, { reason: 'x'.repeat(501) }, { userId }]) {
    t.match((await put(payload)).json(), { status: 400, code: 'invalid_request' })
  }
})

t.test('a block is lifted in the name of the admin who asks', async (t) => {
  const asked: unknown[] = []
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    admin: {
      unblock: async (request) => {
        asked.push(request)
        return ok({})
      }
    }
  })
  const { id: userId } = signedIn.user
  const res = await app.inject({ method: 'DELETE', url: `/v1/admin/users/${userId}/block`, headers: bearer })
  t.equal(res.statusCode, 204)
  t.same(asked, [{ userId, actor: { kind: 'admin', id: userId } }])
})
