import { randomUUID } from 'node:crypto'
import type { Client, ReplyOf } from '@latchkey/contracts/define'
import type { Announcement, verdictContract } from '@latchkey/contracts/verdict'
import type { Log } from '@latchkey/messaging/client'
import type { Transport } from '@latchkey/messaging/transport'
import { toMessage } from '../wire.ts'
import type { HolderConfig } from './options.ts'

type Authority = Pick<Client<typeof verdictContract>, 'renew' | 'leave'>

export interface MembershipOptions {
  readonly transport: Transport
  readonly authority: Authority
  readonly config: Pick<HolderConfig, 'leaseMs' | 'renewMs'>
  readonly log: Log
}

export type Grant = ReplyOf<typeof verdictContract.renew>

interface Known {
  readonly incarnation: string
  readonly seq: number
  readonly heard: boolean
}

/** What a holder says to the authority, in its own name. */
export class Membership {
  readonly #options: MembershipOptions
  #member = randomUUID()

  constructor(options: MembershipOptions) {
    this.#options = options
  }

  renew({ incarnation, seq, heard }: Known): ReturnType<Authority['renew']> {
    const { authority, config } = this.#options
    const request = { member: this.#member, incarnation, seq, leaseMs: config.leaseMs, heard }
    return authority.renew(request, { requestId: this.#member, timeoutMs: config.renewMs })
  }

  acknowledge({ incarnation, seq, acknowledgeTo }: Announcement): void {
    if (acknowledgeTo === null) return
    try {
      this.#options.transport.publish(acknowledgeTo, toMessage({ incarnation, seq, member: this.#member }))
    } catch (err) {
      // Whoever waits for it repeats the announcement.
      this.#options.log.debug({ err }, 'acknowledgement could not be sent')
    }
  }

  /**
   * So that no change waits for what is not used. Where it does not arrive, changes wait once for as long as a lease. From
   * then on it is another member: a leave that arrives late must not strike off one that has a lease again.
   */
  async leave(): Promise<void> {
    const { authority, config, transport, log } = this.#options
    const member = this.#member
    this.#member = randomUUID()
    if (transport.state !== 'connected') return
    try {
      await authority.leave({ member }, { requestId: member, timeoutMs: config.renewMs })
    } catch (err) {
      log.debug({ err }, 'leave could not be taken')
    }
  }
}
