import type { Log } from '@latchkey/messaging/client'
import type { RedisClient } from '@latchkey/redis/client'
import type { Member, Members, Registry } from './registry.ts'

export interface CensusOptions {
  readonly redis: RedisClient
  readonly registry: Registry
  readonly intervalMs: number
  readonly marginMs: number
  readonly log: Log
  /** Told of what every count finds. */
  readonly notice: (members: Members) => void
}

interface Seen {
  readonly mark: string
  readonly at: number
}

/** Strikes off members that crashed, so that a change has to wait for their leases only right after. */
export class Census {
  readonly #options: CensusOptions
  readonly #timer: NodeJS.Timeout
  #seen = new Map<string, Seen>()
  #incarnation = ''
  #counting = false

  constructor(options: CensusOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.#count(), options.intervalMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #count(): Promise<void> {
    const { redis, registry, log, notice } = this.#options
    if (this.#counting || redis.status !== 'ready') return
    this.#counting = true
    try {
      const counted = await registry.listMembers()
      notice(counted)
      const { incarnation, members } = counted
      if (incarnation !== this.#incarnation) this.#seen = new Map()
      this.#incarnation = incarnation
      const now = performance.now()
      const gone = members.filter((member) => this.#isGone(member, now))
      this.#seen = new Map(members.map((member) => [member.id, this.#look(member, now)]))
      await Promise.all(gone.map((member) => registry.drop(incarnation, member)))
    } catch (err) {
      log.debug({ err }, 'members could not be counted')
    } finally {
      this.#counting = false
    }
  }

  #isGone({ id, mark, leaseMs }: Member, now: number): boolean {
    const seen = this.#seen.get(id)
    return seen?.mark === mark && now - seen.at > leaseMs + this.#options.marginMs
  }

  #look({ id, mark }: Member, now: number): Seen {
    const seen = this.#seen.get(id)
    return seen?.mark === mark ? seen : { mark, at: now }
  }
}
