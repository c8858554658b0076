import { ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'

const nats = await startNats(t)

t.test('sessions of any user are listed page by page', async (t) => {
  const asked: unknown[] = []
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    session: {
      list: async (request) => {
        asked.push(request)
        return ok({ items: [signedIn.session], nextCursor: 's1' })
      }
    }
  })
  const { id: userId } = signedIn.user
  const list = async (query: string) =>
    (await app.inject({ url: `/v1/admin/users/${userId}/sessions${query}`, headers: bearer })).json()
  t.match(await list(''), { items: [{ id: signedIn.session.id, current: true }], nextCursor: 's1' })
  await list('?state=ended&limit=7&cursor=s2')
  t.same(asked, [
    { userId, state: 'active', limit: 50, cursor: null },
    { userId, state: 'ended', limit: 7, cursor: 's2' }
  ])
  t.match(await list('?state=gone'), { status: 400 })
})

t.test('sessions end in the name of the admin who asks, also while nobody knows the user', async (t) => {
  const asked: unknown[] = []
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    absent: ['auth'],
    session: {
      end: async (request) => {
        asked.push(request)
        return ok(signedIn.session)
      },
      endAll: async (request) => {
        asked.push(request)
        return ok({ ended: 2 })
      }
    }
  })
  const { id: userId } = signedIn.user
  const url = `/v1/admin/users/${userId}/sessions`
  const sessionId = signedIn.session.id
  t.equal((await app.inject({ method: 'DELETE', url: `${url}/${sessionId}`, headers: bearer })).statusCode, 204)
  t.same((await app.inject({ method: 'DELETE', url, headers: bearer })).json(), { ended: 2 })
  const by = { userId, reason: 'revoked_by_admin', actor: { kind: 'admin', id: userId } }
  t.same(asked, [
    { ...by, sessionId },
    { ...by, exceptSessionId: null, epoch: null }
  ])
})
