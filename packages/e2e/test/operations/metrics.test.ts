import { readFile } from 'node:fs/promises'
import t from 'tap'
import { register } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'
import { describeMetrics, renderMetricsPage } from './metrics-page.ts'

const stack = await startStack(t)
const metrics = describeMetrics(stack)
const show = async (service: 'gateway' | 'auth' | 'session' | 'activity') =>
  (await stack.apps[service].inject({ url: '/metrics' })).body

t.test('every metric is documented as it is shown', async (t) => {
  const page = await readFile(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8')
  t.equal(page, renderMetricsPage(metrics), 'write it anew: npx pnpm@12 --filter @latchkey/e2e metrics')
})

t.test('names say what is measured, in base units, and counters what they are', async (t) => {
  for (const { name, type } of metrics.filter((metric) => metric.name.startsWith('latchkey_'))) {
    t.match(name, /^latchkey_[a-z]+(_[a-z]+)+$/)
    t.equal(name.endsWith('_total'), type === 'counter', name)
    t.notMatch(name, /_(ms|milliseconds|kb|mb|percent)(_|$)/)
  }
})

t.test('a request is counted at each hop by route, subject and how it ended', async (t) => {
  const { body } = await register(stack.api)
  await stack.api('POST', '/v1/sessions', { body: { identifier: body.user.email, password: 'not the password' } })
  const call = 'call_duration_seconds_count\\{[^}]*'
  const gateway = await show('gateway')
  t.match(gateway, /request_duration_seconds_count\{[^}]*method="POST",route="\/v1\/users",status="2xx"\} 1/)
  t.match(gateway, /request_duration_seconds_count\{[^}]*method="POST",route="\/v1\/sessions",status="4xx"\} 1/)
  t.match(gateway, new RegExp(`client_${call}subject="auth.sign_in",outcome="invalid_credentials"\\} 1`))
  t.match(await show('auth'), new RegExp(`latchkey_${call}subject="auth.sign_in",outcome="invalid_credentials"\\} 1`))
  t.match(await show('auth'), new RegExp(`client_${call}subject="session.open",outcome="ok"\\} 1`))
  t.match(await show('session'), new RegExp(`latchkey_${call}subject="session.open",outcome="ok"\\} 1`))
})

t.test('addresses that lead nowhere are one route, however many are tried', async (t) => {
  for (const path of ['/wp-admin', '/v1/nothing', '/.env']) await stack.api('GET', path)
  const gateway = await show('gateway')
  t.notMatch(gateway, /wp-admin|\.env/)
  t.match(gateway, /request_duration_seconds_count\{[^}]*route="unknown",status="4xx"\} [3-9]/)
})
