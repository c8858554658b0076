import { fail, ok } from '@latchkey/contracts/errors'
import { recoveryContract } from '@latchkey/contracts/recovery'
import { createClient } from '@latchkey/messaging/client'
import { startMailServer } from '@latchkey/testing/mail'
import { test } from 'tap'
import { opening } from './domain/fakes.ts'
import { serveSessions } from './session-service.ts'
import { logger } from './silent-logger.ts'
import { call, createMigratedPlace, createRegistration, getOpened, startAuth, until } from './stack.ts'

const { client } = opening

async function startRecovery(t: Parameters<typeof startMailServer>[0]) {
  const server = await startMailServer(t)
  const place = await createMigratedPlace(t)
  const { auth, transport } = await startAuth(t, place, { SMTP_URL: server.url })
  const sessions = serveSessions(transport)
  const recovery = createClient(recoveryContract, transport, logger)
  const { user } = getOpened(await auth.register(createRegistration('ann@example.com'), call))
  /** The token of the latest mail about that. */
  const getToken = async (subject: RegExp) => {
    const find = () => server.mails.findLast((mail) => subject.test(mail.subject))
    await until(() => find() !== undefined)
    return /\/v1\/[a-z-]+\/(\S+)/.exec(find()?.text ?? '')?.[1] ?? ''
  }
  return { server, auth, transport, recovery, sessions, user, getToken }
}

test('each procedure is served, and does by mail what it says', async (t) => {
  const { recovery, user, getToken, sessions } = await startRecovery(t)
  const token = await getToken(/Confirm/)
  t.match(token, /^[\w-]{43}$/)
  t.same(await recovery.verifyEmail({ token }, call), ok({}))
  t.match(sessions.profiles.get(user.id), { user: { emailVerified: true }, version: 2 })
  t.same(await recovery.requestVerification({ userId: user.id }, call), ok({}))
  t.same(await recovery.requestReset({ email: 'ann@example.com', client }, call), ok({}))
  await getToken(/Reset/)
  t.same(await recovery.requestResetFor({ userId: user.id, adminId: user.id }, call), ok({}))
  t.same(await recovery.reportSession({ token }, call), fail('link_invalid'))
})

test('a reset that the session service misses ends the sessions once it is back', async (t) => {
  const { recovery, transport, user, getToken, sessions: first } = await startRecovery(t)
  await recovery.requestReset({ email: 'ann@example.com', client }, call)
  const reset = { token: await getToken(/Reset/), newPassword: 'a better one' }
  await first.subscription.drain()
  t.same(await recovery.resetPassword(reset, call), fail('unavailable'))
  t.same(await recovery.resetPassword(reset, call), fail('link_invalid'))
  t.equal(first.live.get(user.id)?.size, 1)
  const second = serveSessions(transport)
  second.live.set(user.id, new Set(first.live.get(user.id)))
  await until(() => second.live.get(user.id)?.size === 0)
})

test('hostile text is no token and no address', async (t) => {
  const { recovery } = await startRecovery(t)
  for (const text of ['', 'a\0b', '\ud800', '*.>', 'x'.repeat(128)]) {
    t.same(await recovery.verifyEmail({ token: text }, call), fail('link_invalid'))
    t.same(await recovery.resetPassword({ token: text, newPassword: 'a better one' }, call), fail('link_invalid'))
    t.same(await recovery.reportSession({ token: text }, call), fail('link_invalid'))
    t.match(await recovery.requestReset({ email: text, client }, call), { code: 'invalid_request' })
  }
})
