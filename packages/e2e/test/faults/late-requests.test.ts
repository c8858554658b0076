import { type Test, test } from 'tap'
import { startWorld } from '../../src/environment.ts'
import { type Answer, createApi } from '../../src/http.ts'
import { eventually, newEmail, register, signIn } from '../../src/people.ts'
import { type ServiceProcess, startService } from '../../src/processes.ts'

const AT_ONCE = 6
/** All tries of one go to the same service once in thirty times. */
const WAVES = 5

/** Two session services, one of everything else. */
async function startPlatform(t: Test) {
  const { environment } = await startWorld(t)
  // The first session service makes the signing key.
  const first = await startService(t, 'session', environment)
  const others = (['session', 'auth', 'activity', 'gateway'] as const).map((name) => startService(t, name, environment))
  const services = [first, ...(await Promise.all(others))]
  for (const { url } of services) await until(createApi(url), '/readyz', ({ status }) => status === 200)
  const gateway = services.at(-1)
  if (gateway === undefined) throw new Error('no gateway')
  return { first, api: createApi(gateway.url) }
}

async function until(api: ReturnType<typeof createApi>, path: string, wanted: (answer: Answer) => boolean) {
  const answer = await eventually(() => api('GET', path), wanted)
  if (!wanted(answer)) throw new Error(`${path}: ${answer.status}`)
}

/** How many openings of sessions a service has answered, however they ended. */
async function countOpenings({ url }: ServiceProcess): Promise<number> {
  const { body } = await createApi(url)('GET', '/metrics')
  const counts = String(body).matchAll(
    /^latchkey_call_duration_seconds_count\{[^}]*subject="session\.open"[^}]*\} (\d+)$/gm
  )
  return Array.from(counts, ([, count]) => Number(count)).reduce((sum, count) => sum + count, 0)
}

test('a session service that was frozen does not open what was given up and repeated meanwhile', async (t) => {
  const { first, api } = await startPlatform(t)
  const email = newEmail()
  await register(api, email)
  const before = await countOpenings(first)
  first.pause()
  const answers: Answer[] = []
  const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length
  // Each try goes to either service; of a device the latest session is the one that lives.
  for (let wave = 0; wave < WAVES && (count(503) === 0 || count(201) === 0); wave += 1) {
    const tries = Array.from({ length: AT_ONCE }, () => signIn(api, email, { deviceId: 'phone-of-somebody' }))
    answers.push(...(await Promise.all(tries)))
  }
  t.equal(count(503) + count(201), answers.length)
  const whoAmI =
    ({ body }: Answer) =>
    () =>
      api('GET', '/v1/sessions/current', { token: body.accessToken })
  const opened = answers.filter(({ status }) => status === 201)
  const states = await Promise.all(opened.map((answer) => eventually(whoAmI(answer), ({ status }) => status !== 503)))
  const live = opened.filter((_, index) => states[index]?.status === 200)
  t.equal(live.length, 1)

  first.resume()
  const answered = await eventually(
    () => countOpenings(first),
    (openings) => openings >= before + count(503)
  )
  t.equal(answered, before + count(503), 'it has answered what had waited for it')
  for (const answer of live) {
    const { status } = await eventually(whoAmI(answer), (state) => state.status !== 503)
    t.equal(status, 200, 'and the session opened meanwhile lives on')
  }
})
