import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { createServiceLog } from '../../src/services/service-log.ts'

test('one stream becomes a file for each service', (t) => {
  const folder = t.testdir({})
  const log = createServiceLog(folder, () => undefined)
  log.append('@latchkey/auth:dev: first\n@latchkey/session:dev: sec')
  log.append('ond\n   turbo itself\n')
  t.equal(readFileSync(join(folder, 'auth.log'), 'utf8'), 'first\n')
  t.equal(readFileSync(join(folder, 'session.log'), 'utf8'), 'second\n')
  t.equal(readFileSync(join(folder, 'turbo.log'), 'utf8'), '   turbo itself\n')
  t.end()
})

test('a crash is told with the complaint of the service, not with the words of the watcher', (t) => {
  const crashed: string[] = []
  const log = createServiceLog(t.testdir({}), (service) => crashed.push(service))
  log.append('@latchkey/auth:dev: configuration: DATABASE_URL is missing (a URL)\n')
  log.append('@latchkey/auth:dev:     at somewhere\n@latchkey/auth:dev: Failed running "src/main.ts". Waiting\n')
  t.same(crashed, ['auth'])
  t.equal(log.lastWords('auth'), 'configuration: DATABASE_URL is missing (a URL)')
  t.end()
})

test('words of an instance that was replaced are forgotten', (t) => {
  const log = createServiceLog(t.testdir({}), () => undefined)
  log.append('@latchkey/auth:dev: {"msg":"closing","err":{"message":"boom"}}\n')
  t.equal(log.lastWords('auth'), 'closing: boom')
  log.append("@latchkey/auth:dev: Restarting 'src/main.ts'\n")
  t.equal(log.lastWords('auth'), undefined)
  t.end()
})
