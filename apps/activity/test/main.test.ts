import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startNats, startRedis, type TestScope } from '@latchkey/testing/stores'
import { test } from 'tap'
import { until } from './scenario.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

interface Started {
  readonly child: ChildProcess
  readonly output: { out: string; err: string }
  readonly ended: Promise<number | null>
}

function startMain(t: TestScope, environment: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, ['--conditions=@latchkey/source', main], { env: environment, stdio: 'pipe' })
  const output = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    output.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    output.err += chunk
  })
  const ended = once(child, 'close').then(([code]) => code)
  t.teardown(() => void child.kill('SIGKILL'))
  return { child, output, ended }
}

async function getAddress({ output }: Started): Promise<string> {
  const find = () => /"address":"(http[^"]+)"/.exec(output.out)?.[1]
  await until(() => find() !== undefined)
  return find() ?? ''
}

const readStatus = async (address: string, path: string) => (await fetch(`${address}${path}`)).status

test('a wrong configuration ends the start with one line that names every variable', async (t) => {
  const { ended, output } = startMain(t, { USER_BLOCKING: 'soon' })
  t.equal(await ended, 1)
  t.match(output.err, /^configuration: NATS_URL [^\n]*USER_BLOCKING [^\n]*\n$/)
})

test('it listens before its stores are there, is ready once they are, and ends in order', async (t) => {
  const [nats, redis] = await Promise.all([startNats(t), startRedis(t)])
  await Promise.all([nats.kill(), redis.kill()])
  const started = startMain(t, { NATS_URL: nats.url, REDIS_URL: redis.url })
  const address = await getAddress(started)
  t.equal(await readStatus(address, '/healthz'), 200)
  t.equal(await readStatus(address, '/readyz'), 503)
  await Promise.all([nats.restart(), redis.restart()])
  await until(async () => (await readStatus(address, '/readyz')) === 200)
  started.child.kill('SIGTERM')
  t.equal(await started.ended, 0)
})

test('it ends in order while its stores are gone', async (t) => {
  const [nats, redis] = await Promise.all([startNats(t), startRedis(t)])
  await Promise.all([nats.kill(), redis.kill()])
  const started = startMain(t, { NATS_URL: nats.url, REDIS_URL: redis.url })
  await getAddress(started)
  started.child.kill('SIGTERM')
  t.equal(await started.ended, 0)
})
