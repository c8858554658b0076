import { verdictMessages } from '@latchkey/contracts/verdict'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { withUser } from '@latchkey/testing/guarded-stores'
import type { Heal, Scenario, Stage } from '../scenario.ts'

const MS = 4000
const EACH_MS = 100
const { subject } = verdictMessages.announced

/** Of a thing that this version knows nothing of. */
const ANNOUNCEMENT = { incarnation: 'later', seq: 1, items: [{ kind: 'tenant', id: 'somebody' }], acknowledgeTo: null }
const silent = { info: () => undefined, warn: () => undefined }

/** Announces again and again, as whoever gets no acknowledgement does. */
async function announce({ platform: { nats } }: Stage): Promise<Heal> {
  const transport = openNatsTransport({ url: withUser(nats.url, 'operator'), name: 'operator', log: silent })
  await transport.flush(MS)
  const message = { data: new TextEncoder().encode(JSON.stringify(ANNOUNCEMENT)), headers: {} }
  const timer = setInterval(() => transport.publish(subject, message), EACH_MS)
  return async () => {
    clearInterval(timer)
    await transport.close()
  }
}

/** A gateway that cannot read what has changed must not judge by what it keeps. */
export const laterVersion: Scenario = {
  name: 'later-version-announces',
  fault: 'a session service of a later version announces what the gateways cannot read',
  forMs: MS,
  stays: ['access', 'signIn', 'register', 'refresh', 'revoke', 'changePassword'],
  begin: announce,
  check: async ({ platform: { gateways } }) => {
    const pages = await Promise.all(
      gateways.map((gateway) => gateway.ask({ method: 'GET', path: '/metrics', deadlineMs: 2000 }))
    )
    const ignoring = pages.filter(
      ({ text }) => !/^latchkey_verdict_\w+\{[^}]*cause="unreadable"[^}]*\} [1-9]/m.test(text)
    )
    return ignoring.length === 0 ? [] : [`${ignoring.length} gateways took no notice`]
  }
}
