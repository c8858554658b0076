import { writeFileSync } from 'node:fs'
import { ok } from '@latchkey/contracts/errors'
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
  await until(() => stand.left > 0 && holder.state.flushes.subscription > 1)
  t.ok(stand.renewals <= 1, 'no lease is asked for once it is known')
  t.notOk(holder.state.live)
  const [sessionId = ''] = createSessionIds(1)
  for (const _ of [1, 2, 3]) t.match(await holder.judge(sessionId, true, undefined), { ok: true })
  t.equal(asked, 3)
})
