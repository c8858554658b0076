import { test } from 'tap'
import { ConfigError } from '../src/config.ts'
import { openTracing } from '../src/tracing.ts'

const neverLoad = () => Promise.reject(new Error('loaded'))

test('without an endpoint nothing is loaded, and what would be traced is as it was', async (t) => {
  for (const endpoint of [undefined, '']) {
    const tracing = await openTracing<object>({ service: 'test', endpoint, load: neverLoad })
    const transport = {}
    t.equal(tracing.traceTransport(transport), transport)
    await tracing.stop()
  }
})

test('an endpoint that is none, and one where tracing was not deployed, stop the start with a line', async (t) => {
  await t.rejects(openTracing({ service: 'test', endpoint: 'collector:4318', load: neverLoad }), ConfigError)
  const missing = Object.assign(new Error('no such package'), { code: 'ERR_MODULE_NOT_FOUND' })
  const load = () => Promise.reject(missing)
  await t.rejects(openTracing({ service: 'test', endpoint: 'http://127.0.0.1:4318', load }), {
    name: 'ConfigError',
    message: /OTEL_EXPORTER_OTLP_ENDPOINT .* without tracing/
  })
  await t.rejects(openTracing({ service: 'test', endpoint: 'http://127.0.0.1:4318', load: neverLoad }), /loaded/)
})
