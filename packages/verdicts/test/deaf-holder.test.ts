import { writeFileSync } from 'node:fs'
import { ok } from '@latchkey/contracts/errors'
import { verdictMessages } from '@latchkey/contracts/verdict'
import { startGuardedNats, withUser } from '@latchkey/testing/guarded-stores'
import { startNats } from '@latchkey/testing/stores'
import { test } from 'tap'
import { createSessionIds, createTestHolder, found, openTransport, serveStandIn, until } from './scenario.ts'

const PERMISSIONS = `
no_auth_user: anybody
authorization {
  users: [
    { user: anybody, password: anybody }
    { user: deaf, password: deaf, permissions: { subscribe: { deny: ["verdict.announced"] } } }
  ]
}
`

test('a holder that may not listen asks for each request, keeps nothing, and no change waits for it', async (t) => {
  const file = `${t.testdir()}/nats.conf`
  writeFileSync(file, PERMISSIONS)
  const nats = await startNats(t, { args: ['-c', file] })
  const { stand } = serveStandIn(t, openTransport(t, nats))
  const url = new URL(nats.url)
  Object.assign(url, { username: 'deaf', password: 'deaf' })
  let asked = 0
  const lookUp = async ({ token }: { token: string }) => {
    asked += 1
    return ok(found(token))
  }
  const holder = createTestHolder(t, openTransport(t, { url: url.href }), { lookUp })
  holder.start()
  await until(() => stand.left.length > 0 && holder.state.flushes.subscription > 1)
  t.ok(stand.renewals <= 1, 'no lease is asked for once it is known')
  t.notOk(holder.state.live)
  const [sessionId = ''] = createSessionIds(1)
  for (const _ of [1, 2, 3]) t.match(await holder.judge(sessionId, true, undefined), { ok: true })
  t.equal(asked, 3)
})

test('a holder that may listen again is live again, as another member than the one that left', async (t) => {
  const nats = await startGuardedNats(t)
  const { stand } = serveStandIn(t, openTransport(t, { url: withUser(nats.url, 'session') }, 'session'))
  const transport = openTransport(t, { url: withUser(nats.url, 'gateway') }, 'gateway')
  const holder = createTestHolder(t, transport, { lookUp: async ({ token }) => ok(found(token)) })
  holder.start()
  await until(() => holder.state.live)
  const before = stand.member

  await nats.reconfigure((text) => text.replace(`"${verdictMessages.announced.subject}",`, ''))
  await until(() => stand.left.length > 0)
  t.notOk(holder.state.live)
  t.equal(stand.left[0], before)

  await nats.reconfigure()
  await until(() => holder.state.live)
  t.notOk(stand.left.includes(stand.member), 'a leave that arrives late strikes off nobody who has a lease')
})
