import { join } from 'node:path'
import { test } from 'tap'
import { findEmbeddedPostgres, findProgram, findRedisProgram } from '../../src/provision/programs.ts'

test('a program is found in the order of the names and only when it may be run', (t) => {
  const folder = t.testdir({ 'redis-server': '', 'valkey-server': '' })
  t.equal(findProgram(['no-such-server'], { PATH: folder }), undefined)
  t.equal(findProgram(['no-such-server', 'sh'], { PATH: '/bin' }), '/bin/sh')
  t.not(findProgram(['redis-server'], { PATH: folder }), join(folder, 'redis-server'))
  t.end()
})

test('a program named by the environment wins', (t) => {
  t.equal(findRedisProgram({ PATH: '/bin', REDIS_SERVER_PATH: '/opt/redis' }), '/opt/redis')
  t.end()
})

test('the PostgreSQL of the npm packages is found on this platform', (t) => {
  t.match(findEmbeddedPostgres(), { relocatable: true, hasBuiltinLocales: true })
  t.end()
})
