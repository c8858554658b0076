import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { findHolder, takeLock } from '../../src/data/lock.ts'

test('a data folder belongs to one launcher at a time', (t) => {
  const folder = t.testdir({})
  const release = takeLock(folder, 'a cure')
  t.equal(findHolder(folder)?.pid, process.pid)
  t.throws(() => takeLock(folder, 'a cure'), {
    message: `Latchkey is already running here as pid ${process.pid}; a cure`
  })
  release()
  t.equal(findHolder(folder), undefined)
  t.end()
})

test('the lock of a launcher that was ended by force is taken over', (t) => {
  const folder = t.testdir({})
  writeFileSync(join(folder, 'launcher.lock'), JSON.stringify({ pid: process.pid, startedAt: 'another time' }))
  const release = takeLock(folder, 'a cure')
  t.equal(findHolder(folder)?.pid, process.pid)
  release()
  writeFileSync(join(folder, 'launcher.lock'), 'cut o')
  takeLock(folder, 'a cure')()
  t.equal(existsSync(join(folder, 'launcher.lock')), false)
  t.end()
})
