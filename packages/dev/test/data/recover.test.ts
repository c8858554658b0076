import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { recover } from '../../src/data/recover.ts'
import { saveState } from '../../src/data/state.ts'
import { identify, isAlive } from '../../src/processes/process-table.ts'

const store = { url: 'redis://127.0.0.1:1', version: '8', rung: 'program' } as const
const rest = {
  ports: { gateway: 3000, auth: 1, session: 2, activity: 3 },
  stores: { postgres: store, redis: store, nats: store }
}

test('processes that a dead launcher left are ended, and its ports are known', async (t) => {
  const folder = t.testdir({})
  const leftover = spawn('sleep', ['60'])
  await once(leftover, 'spawn')
  const processes = identify([leftover.pid ?? 0])
  saveState(folder, { ...rest, processes })
  t.match(await recover(folder), rest)
  t.same(processes.map(isAlive), [false])
})

test('a process that only has the pid of an old one is left alone', async (t) => {
  const folder = t.testdir({})
  saveState(folder, { ...rest, processes: [{ pid: process.pid, startedAt: 'another time' }] })
  await recover(folder)
  t.pass('we are still here')
})

test('a state that was cut off is no state', async (t) => {
  const folder = t.testdir({})
  writeFileSync(join(folder, 'state.json'), '{"ports":')
  t.equal(await recover(folder), undefined)
})
