import { startMailServer } from '@latchkey/testing/mail'
import { type Test, test } from 'tap'
import { type SERVICES, startWorld } from '../../src/environment.ts'
import { type Answer, type Api, createApi } from '../../src/http.ts'
import { eventually, newEmail, PASSWORD, register, signIn } from '../../src/people.ts'
import { type ServiceProcess, startService } from '../../src/processes.ts'

const AT_ONCE = 6
const NEW_PASSWORD = 'a new and longer passphrase'

/** Two of every service; each name leads to both. */
async function startTwice(t: Test) {
  const mail = await startMailServer(t)
  const { environment } = await startWorld(t, { SMTP_URL: mail.url, MAIL_FROM: 'no-reply@example.com' })
  const start = (name: (typeof SERVICES)[number]) => startService(t, name, environment)
  // The first session service makes the signing key.
  const session = [await start('session')]
  const [auth, activity, gateway] = await Promise.all(
    (['auth', 'activity', 'gateway'] as const).map((name) => Promise.all([start(name), start(name)]))
  )
  session.push(await start('session'))
  const services = { gateway: gateway ?? [], auth: auth ?? [], session, activity: activity ?? [] }
  for (const { url } of Object.values(services).flat()) {
    const ready = await eventually(
      () => createApi(url)('GET', '/readyz'),
      ({ status }) => status === 200
    )
    t.equal(ready.status, 200)
  }
  const [first, second] = services.gateway.map(({ url }) => createApi(url))
  if (first === undefined || second === undefined) throw new Error('no two gateways')
  return { mail, services, first, second }
}

/** Asks without a pause, several at a time; what `during` resolves to, and the answers that were no success. */
async function keepAsking(ask: () => Promise<Answer>, during: () => Promise<void>): Promise<readonly Answer[]> {
  const refused: Answer[] = []
  let isOver = false
  const loops = Array.from({ length: AT_ONCE }, async () => {
    while (!isOver) {
      const answer = await ask()
      if (answer.status >= 300) refused.push(answer)
    }
  })
  await during()
  // Some more with the one that is left.
  for (let i = 0; i < AT_ONCE; i += 1) await ask()
  isOver = true
  await Promise.all(loops)
  return refused
}

test('two of every service are one platform, and nothing is done twice', async (t) => {
  const { mail, first, second, services } = await startTwice(t)
  const email = newEmail()
  const registered = (await register(first, email)).body
  t.equal((await second('GET', '/v1/sessions/current', { token: registered.accessToken })).status, 200)
  const phone = (await signIn(second, email, { userAgent: 'phone' })).body
  t.equal((await first('GET', '/v1/sessions/current', { token: phone.accessToken })).status, 200)
  const end = await first('DELETE', `/v1/sessions/${registered.session.id}`, { token: phone.accessToken })
  t.equal(end.status, 204)
  const refused = await second('GET', '/v1/sessions/current', { token: registered.accessToken })
  t.match(refused.body, { code: 'session_ended', reason: 'revoked_by_user' }, 'what one has ended the other refuses')

  const { refreshToken } = phone
  const refreshes = [first, second, first, second].map((api) =>
    api('POST', '/v1/sessions/refresh', { body: { refreshToken } })
  )
  const successors = new Set((await Promise.all(refreshes)).map(({ body }) => body.refreshToken))
  t.equal(successors.size, 1, 'one successor, whoever is asked')
  const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
  t.equal((await second('PUT', '/v1/me/password', { token: phone.accessToken, body })).status, 204)

  const timeline = await eventually(
    () => first('GET', '/v1/me/activity?limit=50', { token: phone.accessToken }),
    (answer) => answer.body.items?.some(({ kind }: { kind: string }) => kind === 'password_changed')
  )
  const items: { kind: string; sessionId?: string }[] = timeline.body.items
  const entries = items.map(({ kind, sessionId }) => `${kind} ${sessionId}`)
  t.ok(entries.includes(`signed_in ${phone.session.id}`))
  t.ok(entries.includes(`session_ended ${registered.session.id}`))
  t.same(entries, [...new Set(entries)], 'each entry once')
  const subjects = () => mail.mails.filter(({ to }) => to === email).map(({ subject }) => subject)
  await eventually(
    async () => subjects().length,
    (count) => count >= 3
  )
  t.same(subjects(), [...new Set(subjects())], 'each mail once')
  await guessAtBoth(t, { first, second })
  await loseOneOfEach(t, { first, second, services })
})

/** Attempts are counted where all can see them: two of each service give nobody twice as many. */
async function guessAtBoth(t: Test, { first, second }: Pick<Running, 'first' | 'second'>): Promise<void> {
  const identifier = newEmail()
  const guess = (api: Api) => api('POST', '/v1/sessions', { body: { identifier, password: 'a guess' } })
  const statuses: number[] = []
  for (let n = 0; n < 35; n += 1) {
    const answers = await Promise.all([guess(first), guess(second)])
    statuses.push(...answers.map(({ status }) => status))
  }
  const judged = statuses.filter((status) => status === 401).length
  // Thirty, and the five that each auth service has for itself should the store once be too slow to ask.
  t.ok(judged <= 40, `${judged} of 70 were judged`)
  for (const api of [first, second]) {
    const refused = await eventually(
      () => guess(api),
      ({ status }) => status === 429
    )
    t.match(refused.body, { status: 429, code: 'too_many_attempts' }, 'whoever is asked')
  }
}

type Running = Pick<Awaited<ReturnType<typeof startTwice>>, 'first' | 'second' | 'services'>

async function loseOneOfEach(t: Test, { first, second, services }: Running): Promise<void> {
  const email = newEmail()
  const { accessToken: token } = (await register(second, email)).body
  const questions: Readonly<Record<'activity' | 'session' | 'auth', (api: Api) => Promise<Answer>>> = {
    activity: (api) => api('GET', '/v1/me/activity', { token }),
    session: (api) => api('GET', '/v1/sessions?state=all', { token }),
    auth: (api) => api('PATCH', '/v1/me', { token, body: { firstName: 'Ada' } })
  }
  for (const name of ['activity', 'session', 'auth'] as const) {
    const lost = await keepAsking(
      () => questions[name](second),
      () => kill(services[name][0])
    )
    t.ok(lost.length <= AT_ONCE, `${name}: ${lost.length} requests under way are lost, and no other`)
    t.same(
      lost.filter(({ status }) => status !== 503 && status !== 504),
      [],
      'and what is lost says so'
    )
  }
  const lost = await keepAsking(
    () => questions.session(second),
    () => kill(services.gateway[0])
  )
  t.same(lost, [], 'a gateway takes nobody else along')
  await t.rejects(questions.session(first))
  t.equal((await signIn(second, email)).status, 201)
}

async function kill(service: ServiceProcess | undefined): Promise<void> {
  await service?.kill()
}
