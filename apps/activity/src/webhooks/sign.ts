import { createHmac } from 'node:crypto'
import type { WebhookMessage } from '../domain/webhook-ports.ts'

const PREFIX = 'whsec_'
const MIN_BYTES = 24
const MAX_BYTES = 64

/** `undefined` for text that is no secret of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. */
export function readSecret(text: string): Buffer | undefined {
  if (!text.startsWith(PREFIX)) return undefined
  const base64 = text.slice(PREFIX.length)
  const key = Buffer.from(base64, 'base64')
  return key.toString('base64') === base64 && key.length >= MIN_BYTES && key.length <= MAX_BYTES ? key : undefined
}

/** The header fields of Standard Webhooks: one signature for each secret, over exactly these bytes. */
export function signMessage({ id, body }: WebhookMessage, secrets: readonly string[], sentAt: Date) {
  const timestamp = String(Math.floor(sentAt.getTime() / 1000))
  const signatures = secrets.map((secret) => {
    const key = readSecret(secret)
    if (key === undefined) throw new Error('not a webhook secret')
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')
    return `v1,${signature}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
