import { ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { createProfile, createSession, LASTING } from '../stand-ins.ts'

const nats = await startNats(t)

t.test('who am I tells the user and the session, without the parts that are inside only', async (t) => {
  const { app, bearer, signedIn } = await startGateway(t, { natsUrl: nats.url })
  const { user, session } = (await app.inject({ url: '/v1/sessions/current', headers: bearer })).json()
  t.equal(user.id, signedIn.user.id)
  t.same(Object.keys(session).toSorted(), [
    'createdAt',
    'current',
    'device',
    'endReason',
    'endedAt',
    'expiresAt',
    'id',
    'idleExpiresAt',
    'lastSeenAt',
    'method',
    'state'
  ])
})

t.test('who am I tells nothing that a newer service says of users, sessions and devices', async (t) => {
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    session: {
      check: async ({ sessionId: id, userId }) => {
        const [user, session] = [createProfile({ id: userId }), createSession(userId, { id })]
        const newer = { ...session, device: { ...session.device, serial: 'unknown here' }, risk: 'unknown here' }
        return ok({ user: { ...user, salary: 'unknown here' }, session: newer, ...LASTING })
      }
    }
  })
  const answer = await app.inject({ url: '/v1/sessions/current', headers: bearer })
  t.equal(answer.statusCode, 200)
  t.notMatch(answer.body, /unknown here/)
})

t.test('the list marks the session that asks, and passes the page on', async (t) => {
  const asked: unknown[] = []
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    session: {
      list: async (request) => {
        asked.push(request)
        return ok({ items: [signedIn.session, createSession(signedIn.user.id)], nextCursor: 'next' })
      }
    }
  })
  const list = async (query: string) => (await app.inject({ url: `/v1/sessions${query}`, headers: bearer })).json()
  const { items, nextCursor } = await list('')
  t.same([items[0].current, items[1].current, nextCursor], [true, false, 'next'])
  await list('?state=all&limit=7&cursor=next')
  const userId = signedIn.user.id
  t.same(asked, [
    { userId, state: 'active', limit: 50, cursor: null },
    { userId, state: 'all', limit: 7, cursor: 'next' }
  ])
})

t.test('ending others keeps this session, ending all does not', async (t) => {
  const kept: unknown[] = []
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    session: {
      endAll: async ({ exceptSessionId }) => {
        kept.push(exceptSessionId)
        return ok({ ended: 3 })
      }
    }
  })
  for (const query of ['?except=current', '']) {
    const res = await app.inject({ method: 'DELETE', url: `/v1/sessions${query}`, headers: bearer })
    t.same(res.json(), { ended: 3 })
  }
  t.same(kept, [signedIn.session.id, null])
})
