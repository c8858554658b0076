import { startRedis } from '@latchkey/testing/stores'
import { type Test, test } from 'tap'
import { NotReplicated, openReplicated } from '../src/replicated.ts'
import { openScripts } from '../src/scripts.ts'
import { connect, createLog } from './scenario.ts'

async function setUp(t: Test, commandTimeoutMs: number) {
  const primary = await startRedis(t, { args: ['--repl-diskless-sync-delay', '0'] })
  const replica = await startRedis(t, { args: ['--replicaof', `127.0.0.1 ${primary.port}`] })
  const other = await connect(t, primary.url)
  // Nothing is on a replica that has not come yet.
  await other.set('before', 1)
  while ((await other.wait(1, 1000)) < 1);
  const replicated = openReplicated({
    url: primary.url,
    commandTimeoutMs,
    replicas: 1,
    noteKeyOf: (tag) => `note:${tag}`,
    log: createLog()
  })
  t.teardown(() => replicated.close())
  const add = openScripts(replicated, new URL('./scripts/', import.meta.url)).load('add')
  return { primary, replica, other, add }
}

test('a script that was answered is on the replica, also one of many at a time', async (t) => {
  const { replica, add } = await setUp(t, 5000)
  const copy = await connect(t, replica.url)
  await until(() => add(['{a}sum'], [1]))
  t.equal(await copy.get('{a}sum'), '1')
  await Promise.all(Array.from({ length: 500 }, () => add(['{a}sum'], [1])))
  t.equal(await copy.get('{a}sum'), '501')
})

test('without its replica the change is made and not answered with success', async (t) => {
  const { replica, other, add } = await setUp(t, 300)
  await until(() => add(['{a}sum'], [1]))
  await replica.kill()
  await t.rejects(add(['{a}sum'], [1]), NotReplicated)
  t.equal(await other.get('{a}sum'), '2')
  await replica.restart()
  await until(() => add(['{a}sum'], [0]))
})

test('a script that fails says so, the others of its batch do not', async (t) => {
  const { add } = await setUp(t, 5000)
  await until(() => add(['{a}sum'], [1]))
  const [good, bad] = await Promise.allSettled([add(['{a}sum'], [1]), add([], [])])
  t.same(good, { status: 'fulfilled', value: ['{a}sum', 2] })
  t.equal(bad?.status, 'rejected')
})

/** The connection is there, and the replica has come so far. */
async function until(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const isDone = await work().then(
      () => true,
      () => false
    )
    if (isDone) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
