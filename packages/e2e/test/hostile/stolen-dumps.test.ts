import { createHash } from 'node:crypto'
import { startMailServer } from '@latchkey/testing/mail'
import { type Test, test } from 'tap'
import { decodeBase32, readAuthenticator } from '../../src/authenticator.ts'
import { dumpStore } from '../../src/dump-stores.ts'
import type { Api } from '../../src/http.ts'
import { eventually, newEmail, PASSWORD, register, signIn } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'
import { splitToken } from '../../src/tokens.ts'

interface Pair {
  readonly accessToken: string
  readonly refreshToken: string
}

/** Somebody of whom every kind of secret is kept somewhere, and those secrets. */
async function liveThroughAll(t: Test) {
  const mail = await startMailServer(t)
  const stack = await startStack(t, { SMTP_URL: mail.url })
  const { api } = stack
  const email = newEmail()
  const { user, ...first } = (await register(api, email)).body
  const second = (await signIn(api, email, { deviceId: 'another-device' })).body
  const refreshed = (await api('POST', '/v1/sessions/refresh', { body: { refreshToken: second.refreshToken } })).body
  const token: string = refreshed.accessToken
  const { secret } = (await api('POST', '/v1/me/totp', { token })).body
  const confirmed = (await api('POST', '/v1/me/totp/confirm', { token, body: { code: readAuthenticator(secret) } }))
    .body
  await api('POST', '/v1/password-resets', { body: { email } })
  const listLinks = async () => mail.mails.flatMap(({ text }) => /\/v1\/[a-z-]+\/([\w-]{43})/.exec(text)?.[1] ?? [])
  // To confirm the address, to report the second session, to reset the password.
  const links = await eventually(listLinks, ({ length }) => length === 3)
  const pairs: readonly Pair[] = [first, second, refreshed, confirmed]
  const recoveryCodes: readonly string[] = confirmed.recoveryCodes
  return { stack, user, pairs, links, secret, recoveryCodes }
}

/** A text, what it stands for in base64url, and more bytes it stands for, in the ways that a dump may show them. */
function spell(text: string, ...meant: readonly Buffer[]): string[] {
  const bytes = [Buffer.from(text), Buffer.from(text, 'base64url'), ...meant]
  const spellings = bytes.flatMap((each) => [
    ...(['latin1', 'hex', 'base64', 'base64url'] as const).map((encoding) => each.toString(encoding)),
    each.join(',')
  ])
  return [text, ...spellings]
}

/** What a thief of a dump could try: its words as they stand, and its bytes as tokens spell theirs. */
function listTexts(dump: string): string[] {
  const words = dump.match(/[\w.-]{16,}/g) ?? []
  const lists = [...dump.matchAll(/\[(\d+(?:,\d+)+)\]/g)].map(([, list = '']) =>
    Buffer.from(list.split(',').map(Number))
  )
  const bytes = [
    ...lists,
    ...words.filter((word) => /^[\da-f]{32,}$/.test(word)).map((word) => Buffer.from(word, 'hex'))
  ]
  return [...words, ...bytes.map((each) => each.toString('base64url'))]
}

/** The statuses of a text as access token, as refresh token, and in the links that are mailed. */
async function present(api: Api, text: string): Promise<number[]> {
  const answers = await Promise.all([
    api('GET', '/v1/sessions/current', { token: text }),
    api('POST', '/v1/sessions/refresh', { body: { refreshToken: text } }),
    api('PUT', `/v1/password-resets/${text}`, { body: { newPassword: 'the passphrase of a thief' } }),
    api('PUT', `/v1/email-verifications/${text}`),
    api('POST', `/v1/session-reports/${text}`, { headers: { 'sec-fetch-site': 'same-origin' } })
  ])
  return answers.map(({ status }) => status)
}

const digest = (text: string) => createHash('sha256').update(text).digest()

test('nothing in a dump of any store is a secret, nor works as one', async (t) => {
  const { stack, user, pairs, links, secret, recoveryCodes } = await liveThroughAll(t)
  t.equal(links.length, 3)
  t.equal(recoveryCodes.length, 10)
  const dumps = {
    postgres: await dumpStore(stack, 'postgres'),
    stream: await dumpStore(stack, 'stream'),
    redis: await dumpStore(stack, 'redis')
  }
  for (const [store, dump] of Object.entries(dumps)) t.ok(dump.includes(user.id), store)
  for (const link of links)
    t.ok(dumps.postgres.includes(digest(link).toString('base64url')), 'of a link there is its hash')
  const refreshToken = pairs.at(-1)?.refreshToken ?? ''
  t.ok(dumps.redis.includes(digest(refreshToken).toString('latin1')), 'of a refresh token there is its hash')

  const tokens = pairs.flatMap(({ accessToken, refreshToken }) => [
    accessToken,
    splitToken(accessToken).signature,
    refreshToken
  ])
  const bare = recoveryCodes.map((code) => code.replaceAll('-', ''))
  const secrets = [
    ...[PASSWORD, ...tokens, ...links, ...recoveryCodes].flatMap((text) => spell(text)),
    ...[secret, ...bare].flatMap((text) => spell(text, decodeBase32(text.toUpperCase())))
  ]
  for (const [store, dump] of Object.entries(dumps)) {
    t.same(
      secrets.filter((each) => dump.includes(each)),
      [],
      store
    )
  }

  const hashes = [...tokens, ...links].map((text) => digest(text).toString('base64url'))
  const texts = new Set([...hashes, ...Object.values(dumps).flatMap(listTexts)])
  t.ok(texts.size > 30, `${texts.size} texts`)
  const statuses = new Map<string, number[]>()
  for (const text of texts) statuses.set(text, await present(stack.api, text))
  t.same(
    [...statuses].filter(([, each]) => each.join() !== '401,401,404,404,404'),
    []
  )

  const { accessToken = '' } = pairs.at(-1) ?? {}
  t.match(await present(stack.api, accessToken), [200, 401], 'the doors are those that a token opens')
  t.match(await present(stack.api, refreshToken), [401, 200])
  for (const link of links) {
    const opened = (await present(stack.api, link)).filter((status) => status < 300)
    t.equal(opened.length, 1, 'and each of the links opens one')
  }
})
