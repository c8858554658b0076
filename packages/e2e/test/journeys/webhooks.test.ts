import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { newSecret, startReceiver, verify } from '@latchkey/testing/webhook-receiver'
import { type Test, test } from 'tap'
import { nodeArguments, ownEnvironment } from '../../src/environment.ts'
import { createApi } from '../../src/http.ts'
import { eventually, newEmail, register, signIn } from '../../src/people.ts'
import { type Processes, startProcesses } from '../../src/processes.ts'

const ATTEMPTS = 4

async function openPlatform(t: Test) {
  const receiver = await startReceiver(t)
  const secret = newSecret()
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-webhooks-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const endpoint = { name: 'crm', url: receiver.url, secrets: [secret], events: ['sessionOpened'] }
  const file = join(folder, 'webhooks.json')
  await writeFile(file, JSON.stringify({ endpoints: [endpoint] }))
  const platform = await startProcesses(t, {
    WEBHOOKS_FILE: file,
    WEBHOOK_TIMEOUT: '1',
    WEBHOOK_ATTEMPTS: String(ATTEMPTS),
    WEBHOOK_RETRY_DELAY: '0.1'
  })
  await untilMetric(platform, 'latchkey_webhook_lag_events', 0)
  const has = async (sessionId: string) => {
    const find = () => receiver.received.filter((message) => JSON.parse(message.body).payload.sessionId === sessionId)
    const found = await eventually(
      async () => find(),
      ({ length }) => length > 0
    )
    return found.map((message) => verify(message, secret))
  }
  return { platform, receiver, has }
}

async function untilMetric({ services }: Processes, name: string, value: number): Promise<void> {
  const wanted = new RegExp(`^${name}\\{[^}]*endpoint="crm"[^}]*\\} ${value}$`, 'm')
  const { body } = await eventually(
    () => createApi(services.activity.url)('GET', '/metrics'),
    (answer) => wanted.test(answer.body)
  )
  if (!wanted.test(body)) throw new Error(`${name} is not ${value}`)
}

/** The operator's command, with the rights of the service. */
async function runLetters({ environment }: Processes, ...args: readonly string[]): Promise<string> {
  const env = ownEnvironment('activity', environment)
  const command = [...nodeArguments('activity', 'webhook-letters'), ...args]
  return (await promisify(execFile)(process.execPath, command, { env })).stdout
}

test('a sign-in reaches a webhook, whatever happens to receiver and service in between', async (t) => {
  const { platform, receiver, has } = await openPlatform(t)
  const { api } = platform
  const email = newEmail()
  const first = await register(api, email)
  t.match(first, { status: 201 })
  const [event] = await has(first.body.session.id)
  t.match(event, { name: 'sessionOpened', userId: first.body.user.id }, 'signed, as others verify it')

  let refusals = 0
  receiver.state.answer = (response) => {
    refusals += 1
    response.writeHead(refusals < 3 ? 503 : 200).end()
  }
  const second = await signIn(api, email)
  await eventually(
    async () => refusals,
    (count) => count === 3
  )
  const again = await has(second.body.session.id)
  t.equal(again.length, 3, 'again until it was accepted')
  t.equal(new Set(again.map(({ id }) => id)).size, 1, 'with one id')

  const asked = Promise.withResolvers<void>()
  receiver.state.answer = () => asked.resolve()
  const third = await signIn(api, email)
  await asked.promise
  await platform.services.activity.kill()
  receiver.state.answer = (response) => response.end()
  const before = receiver.received.length
  await platform.restart('activity')
  await eventually(
    async () => receiver.received.length,
    (count) => count > before
  )
  t.equal((await has(third.body.session.id)).length, 2, 'again after the service was killed while it waited')

  receiver.state.answer = (response) => response.writeHead(500).end()
  const fourth = await signIn(api, email)
  await untilMetric(platform, 'latchkey_webhook_dead_letters', 1)
  const attempts = await has(fourth.body.session.id)
  t.equal(attempts.length, ATTEMPTS)
  const [letter = ''] = (await runLetters(platform, 'list')).trim().split('\n')
  t.match(JSON.parse(letter), { endpoint: 'crm', eventId: attempts[0]?.id, attempts: ATTEMPTS, reason: 'status 500' })
  await t.rejects(runLetters(platform, 'replay', '--endpoint', 'crm'), { code: 1, stdout: /failed \(status 500\)/ })
  receiver.state.answer = (response) => response.end()
  t.match(await runLetters(platform, 'replay', '--endpoint', 'crm'), /sessionOpened: delivered\n$/)
  t.equal((await has(fourth.body.session.id)).length, ATTEMPTS + 2, 'once more, and then by command')
  await untilMetric(platform, 'latchkey_webhook_dead_letters', 0)
})
