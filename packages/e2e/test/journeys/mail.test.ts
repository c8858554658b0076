import { type MailServer, type ReceivedMail, startMailServer } from '@latchkey/testing/mail'
import { test } from 'tap'
import type { Api } from '../../src/http.ts'
import { eventually, newEmail, PASSWORD, register, signIn } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'

const NEW_PASSWORD = 'quite another passphrase'
const PUBLIC_URL = 'https://id.example.com'

async function startWithMail(t: Parameters<typeof startStack>[0]) {
  const mail = await startMailServer(t)
  const { api } = await startStack(t, { SMTP_URL: mail.url, MAIL_FROM: 'Example <no-reply@example.com>', PUBLIC_URL })
  return { api, mail }
}

/** Waits for the mail of that subject to that address, the latest if there are several. */
async function getMail({ mails }: MailServer, to: string, subject: RegExp): Promise<ReceivedMail> {
  const find = async () => mails.findLast((mail) => mail.to === to && subject.test(mail.subject))
  const found = await eventually(find, (mail) => mail !== undefined)
  if (found === undefined) throw new Error(`no mail ${subject} to ${to}`)
  return found
}

/** The path that the mail's only link leads to. */
function getPath({ text }: ReceivedMail): string {
  const links = text.match(/https?:\/\/\S+/g) ?? []
  const [link = '', ...others] = links
  if (others.length > 0 || !link.startsWith(`${PUBLIC_URL}/v1/`)) throw new Error(`links: ${links.join(' ')}`)
  return link.slice(PUBLIC_URL.length)
}

const whoAmI = async (api: Api, token: string) => await api('GET', '/v1/sessions/current', { token })

test('a person verifies the address they signed up with, once', async (t) => {
  const { api, mail } = await startWithMail(t)
  const email = newEmail()
  const { accessToken: token } = (await register(api, email)).body
  const first = getPath(await getMail(mail, email, /Confirm your e-mail/))
  const before = mail.mails.length
  t.equal((await api('POST', '/v1/email-verifications', { token })).status, 202)
  await eventually(
    async () => mail.mails.length,
    (count) => count > before
  )
  const second = getPath(await getMail(mail, email, /Confirm your e-mail/))

  t.match((await api('PUT', first)).body, { status: 404, code: 'link_invalid' }, 'a newer one has replaced it')
  const page = await api('GET', second)
  t.match(page.body, '<form method="post">')
  t.equal((await whoAmI(api, token)).body.user.emailVerified, false, 'seeing the page changes nothing')
  t.equal((await api('PUT', second)).status, 204)
  t.equal((await whoAmI(api, token)).body.user.emailVerified, true)
  t.equal((await api('PUT', second)).body.code, 'link_invalid')

  t.equal((await api('POST', '/v1/email-verifications', { token })).status, 202)
  t.equal((await api('POST', '/v1/email-verifications')).body.code, 'unauthenticated')
  const entry = await eventually(
    () => api('GET', '/v1/me/activity?kind=profile_changed', { token }),
    ({ body }) => body.items?.length > 0
  )
  t.match(entry.body.items, [{ fields: ['emailVerified'] }])
})

test('a new address replaces the old one when its link is followed, and the old one is told', async (t) => {
  const { api, mail } = await startWithMail(t)
  const [email, wanted] = [newEmail(), newEmail()]
  const { accessToken: token } = (await register(api, email)).body
  await api('POST', '/v1/password-resets', { body: { email } })
  const reset = getPath(await getMail(mail, email, /Reset/))
  t.equal((await api('PATCH', '/v1/me', { token, body: { email: wanted } })).body.email, email)
  await getMail(mail, email, /change of your e-mail address was requested/)
  const link = getPath(await getMail(mail, wanted, /Confirm your new/))
  t.equal((await signIn(api, wanted)).status, 401)
  t.equal((await api('PUT', link)).status, 204)

  t.match((await whoAmI(api, token)).body.user, { email: wanted, emailVerified: true })
  await getMail(mail, email, /Your e-mail address was changed/)
  t.equal((await signIn(api, email)).status, 401)
  t.equal((await signIn(api, wanted)).status, 201)
  const body = { newPassword: NEW_PASSWORD }
  t.equal((await api('PUT', reset, { body })).body.code, 'link_invalid', 'what went to the old address is void')
})

test('of parallel resets by one link one succeeds, and every session ends', async (t) => {
  const { api, mail } = await startWithMail(t)
  const email = newEmail()
  const { accessToken, refreshToken } = (await register(api, email)).body
  const requested = await api('POST', '/v1/password-resets', { body: { email: email.toUpperCase() } })
  const unknown = await api('POST', '/v1/password-resets', { body: { email: newEmail() } })
  t.same([requested.status, requested.body], [unknown.status, unknown.body])
  t.equal((await whoAmI(api, accessToken)).status, 200, 'a request changes nothing')

  const path = getPath(await getMail(mail, email, /Reset your password/))
  const reset = (newPassword: string) => api('PUT', path, { body: { newPassword } })
  t.match((await reset('short')).body, { code: 'invalid_request', errors: [{ field: 'newPassword' }] })
  const answers = await Promise.all(Array.from({ length: 10 }, () => reset(NEW_PASSWORD)))
  t.same(answers.map(({ status }) => status).toSorted(), [204, ...Array(9).fill(404)])

  const ended = { code: 'session_ended', reason: 'password_changed' }
  t.match((await whoAmI(api, accessToken)).body, ended)
  t.match((await api('POST', '/v1/sessions/refresh', { body: { refreshToken } })).body, ended)
  t.equal((await signIn(api, email)).status, 401)
  const body = { identifier: email, password: NEW_PASSWORD }
  const { accessToken: token } = (await api('POST', '/v1/sessions', { body })).body
  await getMail(mail, email, /Your password was changed/)
  const count = mail.mails.filter(({ subject }) => subject === 'Your password was changed').length
  const change = { currentPassword: NEW_PASSWORD, newPassword: `${PASSWORD} anew` }
  t.equal((await api('PUT', '/v1/me/password', { token, body: change })).status, 204)
  const told = await eventually(
    async () => mail.mails.filter(({ subject }) => subject === 'Your password was changed').length,
    (now) => now > count
  )
  t.equal(told, count + 1)
})

test('somebody who asks for too many resets is told to wait', async (t) => {
  const { api } = await startWithMail(t)
  const ask = () => api('POST', '/v1/password-resets', { body: { email: newEmail() } })
  const answers = await Promise.all(Array.from({ length: 32 }, ask))
  t.equal(answers.filter(({ status }) => status === 202).length, 30)
  const refused = answers.find(({ status }) => status === 429)
  t.match(refused?.body, { code: 'too_many_attempts' })
  t.match(refused?.headers.get('retry-after'), /^\d+$/)
})

test('"was this you?" ends the session it asks about and no other', async (t) => {
  const { api, mail } = await startWithMail(t)
  const email = newEmail()
  const first = (await register(api, email)).body
  const stranger = (await signIn(api, email, { userAgent: 'curl/8.5.0' })).body
  const asking = await getMail(mail, email, /Was this you/)
  t.match(asking.text, /curl, from 127\.0\.0\.1, on \d{4}-\d\d-\d\d at \d\d:\d\d UTC/)
  t.equal(mail.mails.filter(({ subject }) => /Was this you/.test(subject)).length, 1, 'none about the first session')

  const path = getPath(asking)
  t.match((await api('GET', path)).body, '<form method="post">')
  t.equal((await whoAmI(api, stranger.accessToken)).status, 200)
  const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }
  const done = await api('POST', path, { body: '', headers: form })
  t.equal(done.status, 200)
  t.match(done.body, 'The session has ended')
  t.match((await whoAmI(api, stranger.accessToken)).body, { code: 'session_ended', reason: 'revoked_by_user' })
  t.equal((await whoAmI(api, first.accessToken)).status, 200)
  t.equal((await api('POST', path)).body.code, 'link_invalid')
})

test('a mail server that is away gets its mails when it is back', async (t) => {
  const { api, mail } = await startWithMail(t)
  mail.refuseNext(1, 451)
  const email = newEmail()
  t.equal((await register(api, email)).status, 201)
  await getMail(mail, email, /Confirm your e-mail/)
})
