import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { env } from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'tap'
import { findProcess } from '../src/processes/process-table.ts'
import { probeNats, probePostgres, probeRedis } from '../src/servers/probes.ts'
import { startEphemeralNats, startEphemeralPostgres, startEphemeralRedis } from '../src/servers.ts'

test('the three servers start, answer, and leave no process behind', async (t) => {
  const servers = await Promise.all([
    startEphemeralPostgres(env),
    startEphemeralRedis(env, []),
    startEphemeralNats(env, [])
  ])
  const [postgres, redis, nats] = servers
  t.match(await probePostgres(postgres.url), /^\d+\.\d+/)
  t.match(await probeRedis(redis.url), /^\d+\.\d+\.\d+/)
  t.match(await probeNats(nats.url), /^\d+\.\d+\.\d+/)

  const pids = servers.map(({ pid }) => pid)
  await Promise.all(servers.map((server) => server.stop()))
  t.same(pids.map(findProcess), [undefined, undefined, undefined])
})

test('servers end, and their data goes, with a process that is ended by force', async (t) => {
  const script = `import('${import.meta.resolve('../src/servers.ts')}').then(async ({ startEphemeralRedis }) => {
    const { pid, url } = await startEphemeralRedis(process.env, [])
    console.log(JSON.stringify({ pid, url }))
    setInterval(() => {}, 1000)
  })`
  const folder = t.testdir({})
  const parent = spawn(process.execPath, ['--conditions=@latchkey/source', '--eval', script], {
    env: { ...env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const [line] = await once(parent.stdout, 'data')
  const { pid, url } = JSON.parse(String(line))
  t.match(await probeRedis(url), /^\d/)

  parent.kill('SIGKILL')
  while (findProcess(pid) !== undefined || readdirSync(folder).length > 0) await delay(20)
  t.same(readdirSync(folder), [])
})

test('a probe of a server that is not there fails and says why', async (t) => {
  await t.rejects(probeRedis('redis://127.0.0.1:1'), { message: /ECONNREFUSED/ })
})
