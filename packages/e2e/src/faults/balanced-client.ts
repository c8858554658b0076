import { setTimeout as delay } from 'node:timers/promises'
import { type Answered, GatewayClient, type Question } from '../history/gateway-client.ts'

/** Whom it asks it chooses anew each time. */
const NOWHERE = new URL('http://127.0.0.1')
const LOOK_MS = 50
const LOOK_DEADLINE_MS = 1000

/**
 * What a load balancer does: asks each gateway every moment whether it is ready, and sends requests to those that are. A
 * connection that is refused has carried nothing, so the request goes to the next one. Nothing else is sent twice.
 */
export class BalancedClient extends GatewayClient {
  readonly #gateways: readonly GatewayClient[]
  readonly #ready: Set<GatewayClient>
  #turn = 0
  #isClosed = false

  constructor(gateways: readonly GatewayClient[]) {
    super(0, NOWHERE)
    this.#gateways = gateways
    this.#ready = new Set(gateways)
    for (const gateway of gateways) void this.#watch(gateway)
  }

  override async ask(question: Question): Promise<Answered> {
    const start = performance.now()
    const tried = new Set<GatewayClient>()
    for (;;) {
      const gateway = this.#choose(tried)
      const answered = await gateway.ask(question)
      tried.add(gateway)
      const isRefused = answered.status === 0 && answered.text.includes('ECONNREFUSED')
      if (!isRefused || tried.size === this.#gateways.length) return { ...answered, start }
      this.#ready.delete(gateway)
    }
  }

  override close(): void {
    this.#isClosed = true
    super.close()
  }

  #choose(tried: ReadonlySet<GatewayClient>): GatewayClient {
    const untried = this.#gateways.filter((gateway) => !tried.has(gateway))
    const ready = untried.filter((gateway) => this.#ready.has(gateway))
    const choice = ready.length > 0 ? ready : untried
    this.#turn += 1
    const chosen = choice[this.#turn % choice.length]
    if (chosen === undefined) throw new Error('no gateway is left to try')
    return chosen
  }

  async #watch(gateway: GatewayClient): Promise<void> {
    while (!this.#isClosed) {
      const { status } = await gateway.ask({ method: 'GET', path: '/readyz', deadlineMs: LOOK_DEADLINE_MS })
      if (status === 200) this.#ready.add(gateway)
      else this.#ready.delete(gateway)
      await delay(LOOK_MS)
    }
  }
}
