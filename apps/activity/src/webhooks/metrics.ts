import type { ConsumerLag } from '@latchkey/messaging/transport'
import { Counter, Gauge, type Registry } from '@prometheus-io/client'

export interface WebhookReadings {
  /** How far each endpoint is behind, and how many letters it has not accepted; without those that cannot be told now. */
  readonly measureLags: () => Promise<readonly (readonly [endpoint: string, lag: ConsumerLag])[]>
  readonly countLetters: () => Promise<readonly (readonly [endpoint: string, count: number])[]>
}

/** Returns what counts an attempt by its outcome. */
export function registerWebhookMetrics(
  registry: Registry,
  { measureLags, countLetters }: WebhookReadings
): (endpoint: string, outcome: string) => void {
  const registers = [registry]
  const deliveries = new Counter({
    name: 'latchkey_webhook_deliveries_total',
    help: 'Attempts to deliver events to webhooks, by endpoint and outcome',
    labelNames: ['endpoint', 'outcome'],
    registers
  })
  new Gauge({
    name: 'latchkey_webhook_lag_events',
    help: 'Events that an endpoint has not got: waiting in the stream, or unsettled after an attempt',
    labelNames: ['endpoint', 'state'],
    registers,
    async collect() {
      for (const [endpoint, lag] of await measureLags()) {
        for (const [state, count] of Object.entries(lag)) this.set({ endpoint, state }, count)
      }
    }
  })
  new Gauge({
    name: 'latchkey_webhook_dead_letters',
    help: 'Events that an endpoint has not accepted in all its attempts, and that are kept',
    labelNames: ['endpoint'],
    registers,
    async collect() {
      for (const [endpoint, count] of await countLetters()) this.set({ endpoint }, count)
    }
  })
  return (endpoint, outcome) => deliveries.inc({ endpoint, outcome })
}
