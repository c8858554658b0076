import type { Transport } from '@latchkey/messaging/transport'
import { registerDependencyMetrics, registerPoolMetrics } from '@latchkey/runtime/dependency-metrics'
import { createCounter, createMetrics, type Metrics, registerCounter, registerGauge } from '@latchkey/runtime/metrics'
import type { MailStore } from './domain/mail-ports.ts'
import type { CheckedPasswords } from './passwords.ts'
import type { Stores } from './stores.ts'

export interface Measured {
  readonly transport: Transport
  readonly stores: Pick<Stores, 'pool' | 'outbox' | 'mails'>
  readonly poolSize: number
  readonly passwords: Pick<CheckedPasswords, 'load'>
}

export interface AuthMetrics extends Metrics {
  /** Counts an attempt to send a mail: `sent`, `postponed` or `given_up`. */
  readonly countMail: (outcome: string) => void
}

/** The metrics of this service, which are asked of its parts at every scrape. */
export function createAuthMetrics({ transport, stores, poolSize, passwords }: Measured): AuthMetrics {
  const metrics = createMetrics('auth')
  const { registry } = metrics
  registerDependencyMetrics(registry, { bus: transport, outbox: stores.outbox })
  registerPoolMetrics(registry, stores.pool, poolSize)
  registerHashMetrics(metrics, passwords)
  registerMailMetrics(metrics, stores.mails)
  const countMail = createCounter(registry, {
    name: 'latchkey_mails_total',
    help: 'Attempts to send a mail; the outcome is sent, postponed or given_up',
    label: 'outcome'
  })
  return { ...metrics, countMail }
}

function registerHashMetrics({ registry }: Metrics, passwords: Measured['passwords']): void {
  registerGauge(registry, {
    name: 'latchkey_hash_queue_running',
    help: 'Passwords that are being hashed',
    read: () => passwords.load.running
  })
  registerGauge(registry, {
    name: 'latchkey_hash_queue_waiting',
    help: 'Passwords that wait to be hashed',
    read: () => passwords.load.waiting
  })
  registerCounter(registry, {
    name: 'latchkey_hash_queue_refused_total',
    help: 'Passwords that were not hashed: the queue was full, or their turn came too late',
    read: () => passwords.load.refused
  })
}

function registerMailMetrics({ registry }: Metrics, mails: MailStore): void {
  registerGauge(registry, {
    name: 'latchkey_mail_queue_waiting_mails',
    help: 'Mails still to be sent; no more than ten thousand are counted',
    read: async () => (await mails.measure()).waiting
  })
  registerGauge(registry, {
    name: 'latchkey_mail_queue_overdue_seconds',
    help: 'How long a mail has been due that is still to be sent',
    read: async () => (await mails.measure()).overdueSeconds
  })
}
