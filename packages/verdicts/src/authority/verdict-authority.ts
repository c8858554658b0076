import { setTimeout as pause } from 'node:timers/promises'
import type { CallContext, Handlers, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import { MAX_VERDICT_ITEMS, type VerdictItem, type verdictContract } from '@latchkey/contracts/verdict'
import type { AuthorityRules } from '../rules.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { Census } from './census.ts'
import {
  type AuthorityConfig,
  type AuthorityOptions,
  defaultAuthorityConfig,
  type VerdictAuthority
} from './options.ts'
import { createRegistry, type Entered, type Member, type Members, type Registry } from './registry.ts'

const RETRY_MS = 50
/** Left of a caller's time, so that the answer arrives within it. */
const ANSWER_MS = 50

export class Authority implements VerdictAuthority {
  readonly #options: AuthorityOptions
  readonly #config: AuthorityConfig
  readonly #rules: AuthorityRules
  readonly #registry: Registry
  readonly #acknowledgements: Acknowledgements
  readonly #census: Census
  readonly handlers: Handlers<typeof verdictContract>
  #incarnation: string | undefined
  /** By our clock; never before the incarnation really began. */
  #incarnatedAt = Number.NEGATIVE_INFINITY

  constructor(options: AuthorityOptions, rules: AuthorityRules) {
    const { redis, transport, log } = options
    this.#options = options
    this.#rules = rules
    this.#config = { ...defaultAuthorityConfig, ...options.config }
    const { longestLeaseMs, logLength, censusMs, marginMs } = this.#config
    this.#registry = createRegistry({ redis, longestLeaseMs, logLength })
    this.#acknowledgements = new Acknowledgements(transport, log)
    const notice = (members: Members) => this.#notice(members)
    this.#census = new Census({ redis, registry: this.#registry, intervalMs: censusMs, marginMs, log, notice })
    this.handlers = {
      renew: (request) => this.#whileRegistryAnswers(() => this.#renew(request)),
      leave: ({ member }) =>
        this.#whileRegistryAnswers(async () => {
          await this.#registry.leave(member)
          return {}
        }),
      announce: async ({ items }, context) => await this.#answerAnnounce(items, context)
    }
  }

  /** Waits no longer than it must: an arrow, since it is handed on. What fits no message goes in several. */
  announce = async (
    items: readonly VerdictItem[],
    { timeoutMs }: { readonly timeoutMs: number }
  ): Promise<Result<void, 'unavailable'>> => {
    const deadline = performance.now() + timeoutMs
    for (let first = 0; first < items.length; first += MAX_VERDICT_ITEMS) {
      const announced = await this.#announce(items.slice(first, first + MAX_VERDICT_ITEMS), deadline)
      if (!announced.ok) return announced
    }
    return ok(undefined)
  }

  async stop(): Promise<void> {
    this.#census.stop()
    await this.#acknowledgements.stop()
  }

  async #announce(items: readonly VerdictItem[], deadline: number): Promise<Result<void, 'unavailable'>> {
    const startedAt = performance.now()
    const entered = await this.#enter(items, deadline)
    if (entered !== undefined && !this.#rules.awaitsHolders) return ok(undefined)
    const silent = entered === undefined ? undefined : await this.#outwait(items, entered, deadline)
    this.#options.observe?.(performance.now() - startedAt, silent?.length)
    return silent === undefined ? fail('unavailable') : ok(undefined)
  }

  /** Entered twice, as a retry after a lost reply may do, an announcement is merely repeated. */
  async #enter(items: readonly VerdictItem[], deadline: number): Promise<Entered | undefined> {
    for (;;) {
      try {
        const entered = await this.#registry.announce(items)
        this.#notice(entered)
        return entered
      } catch (err) {
        if (performance.now() + RETRY_MS >= deadline) {
          this.#options.log.warn({ err }, 'change could not be announced')
          return undefined
        }
      }
      await pause(RETRY_MS)
    }
  }

  /** Resolves once no holder uses what it knew before; `undefined` when that is not so by the deadline. */
  async #outwait(
    items: readonly VerdictItem[],
    entered: Entered,
    deadline: number
  ): Promise<readonly Member[] | undefined> {
    const { longestLeaseMs, marginMs } = this.#config
    const enteredAt = performance.now()
    const allOverAt = enteredAt + Math.max(0, ...entered.members.map(({ leaseMs }) => leaseMs)) + marginMs
    const waitUntil = this.#rules.outwaitsLeases ? Math.min(allOverAt, deadline) : enteredAt + marginMs
    const silent = await this.#acknowledgements.gather(items, entered, waitUntil - enteredAt)
    if (silent.length > 0 && this.#rules.outwaitsLeases && allOverAt > deadline) return undefined
    for (const member of silent) void this.#drop(entered.incarnation, member)

    // Members of the registry before this one are not in its list; their leases are as long as any.
    const forgottenOverAt = this.#incarnatedAt + longestLeaseMs + marginMs
    if (!this.#rules.doubtsNewRegistry) return silent
    if (forgottenOverAt > deadline) return undefined
    const remainingMs = forgottenOverAt - performance.now()
    if (remainingMs > 0) await pause(Math.ceil(remainingMs))
    return silent
  }

  /** Of a registry that began before our time its own clock tells; of any later one ours, as nobody can set that. */
  #notice({ incarnation, incarnationAgeMs }: Members): void {
    if (incarnation === this.#incarnation) return
    const now = performance.now()
    this.#incarnatedAt = this.#incarnation === undefined ? now - incarnationAgeMs : now
    this.#incarnation = incarnation
  }

  async #drop(incarnation: string, member: Member): Promise<void> {
    this.#options.log.warn({ member: member.id }, 'holder did not acknowledge until its lease was over')
    try {
      if (this.#rules.dropsByMark) await this.#registry.drop(incarnation, member)
      else await this.#registry.leave(member.id)
    } catch (err) {
      this.#options.log.debug({ err }, 'member could not be struck off')
    }
  }

  async #renew(request: RequestOf<typeof verdictContract.renew>) {
    const grant = await this.#registry.renew(request)
    // Sent before the reply over the same connection, so it arrives before it.
    if (!request.heard) this.#acknowledgements.beat(grant)
    return grant
  }

  async #answerAnnounce(items: readonly VerdictItem[], context: CallContext) {
    const announced = await this.announce(items, { timeoutMs: context.remainingMs() - ANSWER_MS })
    return announced.ok ? ok({}) : announced
  }

  async #whileRegistryAnswers<T>(work: () => Promise<T>): Promise<Result<T, 'unavailable'>> {
    try {
      return ok(await work())
    } catch (err) {
      this.#options.log.debug({ err }, 'registry of holders cannot be asked')
      return fail('unavailable')
    }
  }
}
