import { Counter, Gauge, Histogram, type Registry } from '@prometheus-io/client'
import type { AuthorityOptions } from './authority/options.ts'
import type { HolderState } from './holder/options.ts'
import type { PendingRelay } from './relay.ts'
import type { Touches } from './touches.ts'

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const OUTCOMES = ['hits', 'misses', 'joins', 'denials', 'overtaken', 'shed'] as const

/** Shows a holder's state in a registry of metrics; it is read at every scrape. */
export function registerHolderMetrics(registry: Registry, holder: { readonly state: HolderState }): void {
  const registers = [registry]
  new Gauge({
    name: 'latchkey_verdict_lease',
    help: '1 while verdicts may be answered from the cache',
    registers,
    collect() {
      this.set(holder.state.live ? 1 : 0)
    }
  })
  new Gauge({
    name: 'latchkey_verdict_entries',
    help: 'Verdicts kept',
    registers,
    collect() {
      this.set(holder.state.entries)
    }
  })
  new Counter({
    name: 'latchkey_verdict_judgements_total',
    help: 'How requests for a verdict were answered',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset()
      for (const outcome of OUTCOMES) this.inc({ outcome }, holder.state[outcome])
    }
  })
  new Counter({
    name: 'latchkey_verdict_flushes_total',
    help: 'How often everything kept was dropped, by cause',
    labelNames: ['cause'],
    registers,
    collect() {
      this.reset()
      for (const [cause, count] of Object.entries(holder.state.flushes)) this.inc({ cause }, count)
    }
  })
}

/** Shows the buffer of uses that have still to be told. */
export function registerTouchMetrics(registry: Registry, touches: Pick<Touches, 'waiting' | 'dropped'>): void {
  const registers = [registry]
  new Gauge({
    name: 'latchkey_touches_waiting',
    help: 'Uses of sessions that the services have still to be told of',
    registers,
    collect() {
      this.set(touches.waiting)
    }
  })
  new Counter({
    name: 'latchkey_touches_dropped_total',
    help: 'Uses of sessions that were never told, since too many waited',
    registers,
    collect() {
      this.reset()
      this.inc(touches.dropped)
    }
  })
}

/** Shows the changes that wait to be announced; more than a moment's are those of a crash, or of an outage. */
export function registerPendingMetrics(registry: Registry, relay: Pick<PendingRelay, 'pending'>): void {
  new Gauge({
    name: 'latchkey_verdict_pending_changes',
    help: 'Changes that are made and not yet announced to whoever keeps verdicts, when the relay last looked',
    registers: [registry],
    collect() {
      this.set(relay.pending)
    }
  })
}

/** The `observe` of an authority: how long changes take until they hold everywhere. */
export function registerAuthorityMetrics(registry: Registry): NonNullable<AuthorityOptions['observe']> {
  const durations = new Histogram({
    name: 'latchkey_verdict_announcement_duration_seconds',
    help: 'From an announcement to its last acknowledgement, the end of the last lease, or the end of patience',
    labelNames: ['outcome'],
    buckets: BUCKETS_SECONDS,
    registers: [registry]
  })
  return (durationMs, silentHolders) => durations.observe({ outcome: outcomeOf(silentHolders) }, durationMs / 1000)
}

function outcomeOf(silentHolders: number | undefined): string {
  if (silentHolders === undefined) return 'failed'
  return silentHolders === 0 ? 'acknowledged' : 'waited'
}
