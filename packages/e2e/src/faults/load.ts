import type { GatewayClient } from '../history/gateway-client.ts'
import type { Random } from '../history/random.ts'
import { ACTS } from './acts.ts'
import type { Crowd } from './crowd.ts'
import { describeAnswer, KINDS, type Kind, type Observed } from './observed.ts'

/** Requests a second. */
export type Rates = Readonly<Record<Kind, number>>

export const ORDINARY: Rates = {
  access: 30,
  accessEnded: 10,
  signIn: 4,
  register: 2,
  refresh: 4,
  revoke: 4,
  changePassword: 1,
  block: 0.5
}

/** Nobody does anything. */
export const NOTHING: Rates = {
  access: 0,
  accessEnded: 0,
  signIn: 0,
  register: 0,
  refresh: 0,
  revoke: 0,
  changePassword: 0,
  block: 0
}

/** More under way than this are left out: whoever asks has to live on, too. */
const MAX_UNDER_WAY = 2000
const TICK_MS = 10

export interface LoadOptions {
  readonly crowd: Crowd
  readonly gateways: readonly GatewayClient[]
  readonly rates: Rates
  readonly random: Random
}

/** Clients that come when they come, however long answers take: what is slow for one does not spare the next. */
export class Load {
  readonly observed: Observed[] = []
  /** How many were not asked, as too many were under way. */
  skipped = 0
  readonly #options: LoadOptions
  readonly #underWay = new Set<Promise<void>>()
  readonly #begun: Record<Kind, number>
  readonly #startedAt = performance.now()
  readonly #timer: NodeJS.Timeout

  constructor(options: LoadOptions) {
    this.#options = options
    this.#begun = { ...NOTHING }
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  /** Asks so many times more, at once. */
  ask(kind: Kind, times: number): void {
    for (let count = 0; count < times; count += 1) this.#begin(kind, performance.now())
  }

  /** Resolves when everything has been answered. */
  async stop(): Promise<readonly Observed[]> {
    clearInterval(this.#timer)
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
    return this.observed
  }

  #tick(): void {
    const elapsed = performance.now() - this.#startedAt
    for (const kind of KINDS) {
      const periodMs = 1000 / this.#options.rates[kind]
      for (; this.#begun[kind] * periodMs <= elapsed; this.#begun[kind] += 1) {
        if (this.#underWay.size < MAX_UNDER_WAY) this.#begin(kind, this.#startedAt + this.#begun[kind] * periodMs)
        else this.skipped += 1
      }
    }
  }

  #begin(kind: Kind, due: number): void {
    const { random, gateways, crowd } = this.#options
    const task = this.#act(kind, due, random.pick(gateways), crowd).finally(() => this.#underWay.delete(task))
    this.#underWay.add(task)
  }

  async #act(kind: Kind, due: number, gateway: GatewayClient, crowd: Crowd): Promise<void> {
    const acted = await ACTS[kind]({ crowd, gateway, random: this.#options.random })
    if (acted === undefined) return
    const { answered, verdict } = acted
    const { start, end, status } = answered
    this.observed.push({
      kind,
      gateway: gateway.index,
      due,
      start,
      end,
      status,
      verdict,
      detail: describeAnswer(answered)
    })
  }
}
