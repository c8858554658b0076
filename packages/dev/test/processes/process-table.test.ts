import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'tap'
import { endProcesses } from '../../src/processes/end-processes.ts'
import { findProcess, identify, isAlive, listDescendants } from '../../src/processes/process-table.ts'

test('a process is known by pid and start time', async (t) => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const [identity] = identify([child.pid ?? 0])
  if (identity === undefined) throw new Error('the child is not in the table')
  t.equal(isAlive(identity), true)
  t.equal(isAlive({ ...identity, startedAt: 'another time' }), false)
  t.equal(
    listDescendants(process.pid).some(({ pid }) => pid === child.pid),
    true
  )

  await endProcesses([{ ...identity, startedAt: 'another time' }], 100)
  t.equal(isAlive(identity), true, 'a process that took over the pid is left alone')
  await endProcesses([identity], 1_000)
  t.equal(isAlive(identity), false)
})

test('who does not heed SIGTERM is ended by force', async (t) => {
  const child = spawn('/bin/sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'])
  await once(child.stdout, 'data')
  await endProcesses(identify([child.pid ?? 0]), 50)
  t.equal(findProcess(child.pid ?? 0), undefined)
})
