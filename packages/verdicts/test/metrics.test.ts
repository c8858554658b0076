import { Registry } from '@prometheus-io/client'
import { test } from 'tap'
import {
  registerAuthorityMetrics,
  registerHolderMetrics,
  registerPendingMetrics,
  registerTouchMetrics
} from '../src/metrics.ts'
import { openHolder } from './holder-scenario.ts'

test('the metrics show what the holder counted', async (t) => {
  const { holder, keep } = await openHolder(t)
  await keep('token')
  holder.judge('token', true, undefined)
  const registry = new Registry()
  registerHolderMetrics(registry, holder)
  const shown = await registry.metrics()
  t.match(shown, 'latchkey_verdict_lease 1')
  t.match(shown, 'latchkey_verdict_entries 1')
  t.match(shown, 'latchkey_verdict_judgements_total{outcome="hits"} 1')
  t.match(shown, 'latchkey_verdict_judgements_total{outcome="misses"} 1')
  t.match(shown, 'latchkey_verdict_flushes_total{cause="lapsed"} 0')
  t.equal(await registry.metrics(), shown, 'the same at every scrape')
})

test('the metrics show what waits to be told, and what never was', async (t) => {
  const registry = new Registry()
  registerTouchMetrics(registry, { waiting: 3, dropped: 2 })
  registerPendingMetrics(registry, { pending: 1 })
  const shown = await registry.metrics()
  t.match(shown, 'latchkey_touches_waiting 3')
  t.match(shown, 'latchkey_touches_dropped_total 2')
  t.match(shown, 'latchkey_verdict_pending_changes 1')
})

test('the metrics tell announcements that were acknowledged from those that had to wait, or failed', async (t) => {
  const registry = new Registry()
  const observe = registerAuthorityMetrics(registry)
  observe(4, 0)
  observe(2100, 1)
  observe(4000, undefined)
  const shown = await registry.metrics()
  t.match(shown, 'latchkey_verdict_announcement_duration_seconds_count{outcome="acknowledged"} 1')
  t.match(shown, 'latchkey_verdict_announcement_duration_seconds_count{outcome="waited"} 1')
  t.match(shown, 'latchkey_verdict_announcement_duration_seconds_count{outcome="failed"} 1')
})
