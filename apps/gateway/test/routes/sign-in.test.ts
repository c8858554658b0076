import { ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { createSession, createSignedIn } from '../stand-ins.ts'
import { createKey } from '../tokens.ts'

const nats = await startNats(t)
const credentials = { identifier: 'ada@example.com', password: 'correct horse' }

t.test('a sign-in answers with user, session, tokens and an empty list of notices', async (t) => {
  const { app, signedIn } = await startGateway(t, { natsUrl: nats.url })
  const res = await app.inject({ method: 'POST', url: '/v1/sessions', payload: credentials })
  const { user, session, notices, ...tokens } = res.json()
  t.same(tokens, signedIn.tokens)
  t.same(notices, [])
  t.equal(user.lastActiveAt, signedIn.session.createdAt)
  t.equal(session.current, true)
})

t.test('notices tell what there is to tell', async (t) => {
  const signedIn = createSignedIn(createKey('other'))
  const other = createSession(signedIn.user.id)
  const notices = { concurrent: [other], replaced: [other], newDevice: true }
  const { app } = await startGateway(t, {
    natsUrl: nats.url,
    auth: { signIn: async () => ok({ ...signedIn, notices }) }
  })
  const res = await app.inject({ method: 'POST', url: '/v1/sessions', payload: credentials })
  t.match(res.json().notices, [
    { type: 'concurrent_sessions', sessions: [{ id: other.id, current: false }] },
    { type: 'new_device' },
    { type: 'sessions_replaced', sessions: [{ id: other.id }] }
  ])
})

t.test('what was entered reaches auth as it was entered', async (t) => {
  const asked: unknown[] = []
  const { app, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    auth: {
      register: async ({ opening: _, ...request }) => {
        asked.push(request)
        const { user, ...opened } = signedIn
        return ok({ user, opened })
      },
      signIn: async ({ opening, ...request }) => {
        asked.push({ ...request, deviceId: opening.deviceId })
        return ok(signedIn)
      }
    }
  })
  const password = ' p\u0061\u0308ss '
  const person = { email: 'Ada@Example.com', mobile: '+49 151', password, firstName: 'Ada' }
  await app.inject({ method: 'POST', url: '/v1/users', payload: person })
  await app.inject({
    method: 'POST',
    url: '/v1/sessions',
    payload: { identifier: 'Ada', password, deviceId: 'device-1' }
  })
  t.match(asked, [
    {
      identifiers: [
        { kind: 'email', value: 'Ada@Example.com' },
        { kind: 'mobile', value: '+49 151' }
      ],
      password,
      firstName: 'Ada',
      lastName: null,
      rules: 'platform'
    },
    { identifier: { kind: null, value: 'Ada' }, password, deviceId: 'device-1' }
  ])
})
