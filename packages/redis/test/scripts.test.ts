import { startRedis } from '@latchkey/testing/stores'
import { t as root, test } from 'tap'
import { openScripts } from '../src/scripts.ts'
import { connect } from './scenario.ts'

const redis = await connect(root, (await startRedis(root)).url)
const scripts = openScripts(redis, new URL('./scripts/', import.meta.url))

test('a script gets its keys and arguments', async (t) => {
  t.same(await scripts.load('add')(['sum'], [2]), ['sum', 2])
  t.same(await scripts.load('add')(['sum'], [3]), ['sum', 5])
})

test('several files are one script, the one before the other', async (t) => {
  t.equal(await scripts.load('beginning', 'join')([], [' and end']), 'beginning and end')
})

test('a server that has forgotten a script gets it again', async (t) => {
  const add = scripts.load('add')
  await add(['other'], [1])
  await redis.script('FLUSH')
  t.same(await add(['other'], [1]), ['other', 2])
})

test('a script that is not there fails when it is loaded, one that is wrong when it runs', async (t) => {
  t.throws(() => scripts.load('missing'))
  await t.rejects(scripts.load('add')([], []))
})
