import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { loadSecrets } from '../../src/data/secrets.ts'

test('secrets are made once, long, and readable by their owner only', (t) => {
  const folder = t.testdir({})
  const secrets = loadSecrets(folder)
  t.equal(new Set(Object.values(secrets)).size, 5)
  t.ok(Object.values(secrets).every((secret) => secret.length >= 32))
  t.same(loadSecrets(folder), secrets)
  t.equal(statSync(join(folder, 'secrets.json')).mode & 0o777, 0o600)
  t.end()
})

test('a secret that an older version did not know is added', (t) => {
  const folder = t.testdir({})
  writeFileSync(join(folder, 'secrets.json'), '{"redisPassword":"kept"}')
  t.match(loadSecrets(folder), { redisPassword: 'kept', serviceKey: /^.{43}$/ })
  t.end()
})
