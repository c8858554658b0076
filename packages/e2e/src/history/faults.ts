import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Conditions, Way } from './conditions.ts'
import type { Link } from './link.ts'
import type { LinkName, Platform, ServiceName } from './platform.ts'
import type { Direction, Fault } from './schedule.ts'
import type { ServiceProcess } from './service-process.ts'

/** Sets right what went wrong. */
export type Heal = () => void | Promise<void>

const ANNOUNCED = 'verdict.announced'
/** A registry is found lost at the next renewal, and changes wait for the leases it has forgotten. */
const REGISTRY_KEYS = ['lk:v:{v}:registry', 'lk:v:{v}:log']

/** Makes things go wrong on a platform, and right again. */
export class Faults {
  readonly #platform: Platform
  /** One thing at a time goes wrong with a process, and one of a kind with a link, whatever the schedule says. */
  readonly #busy = new Map<string, Promise<void>>()

  constructor(platform: Platform) {
    this.#platform = platform
  }

  /** Makes it go wrong for so long; resolves when all is right again. `happens` is told when it begins. */
  async run(fault: Fault, forMs: number, happens: () => void): Promise<void> {
    const place = placeOf(fault)
    const former = this.#busy.get(place)
    const mine = (async () => {
      await former
      happens()
      const heal = await this.begin(fault)
      await delay(forMs)
      await heal()
    })()
    this.#busy.set(place, mine)
    await mine
  }

  /** Makes it go wrong until the function returned is called. */
  async begin(fault: Fault): Promise<Heal> {
    switch (fault.kind) {
      case 'freeze':
        return this.#freeze(fault.target)
      case 'kill':
        return await this.#kill(fault.target)
      case 'forget-registry':
        return await this.#forgetRegistry()
      case 'accident':
        return await this.#happen(fault.name)
      case 'set-clock-back':
        this.#serviceOf(fault.target).setClockBack()
        return () => undefined
      default:
        return disturb(this.#linkOf(fault.target), fault)
    }
  }

  #freeze(target: ServiceName | 'redis' | 'nats'): Heal {
    const frozen = target === 'redis' || target === 'nats' ? this.#platform[target] : this.#serviceOf(target)
    frozen.pause()
    return () => frozen.resume()
  }

  async #kill(target: ServiceName): Promise<Heal> {
    const service = this.#serviceOf(target)
    await service.kill()
    return () => service.start()
  }

  async #forgetRegistry(): Promise<Heal> {
    const redis = new Redis(this.#platform.redis.url, {
      lazyConnect: true,
      maxRetriesPerRequest: 0,
      commandTimeout: 5000
    })
    redis.on('error', () => undefined)
    try {
      await redis.connect()
      await redis.del(...REGISTRY_KEYS)
    } catch {
      // Redis hangs or is away: another fault has its turn.
    } finally {
      redis.disconnect()
    }
    return () => undefined
  }

  async #happen(name: string): Promise<Heal> {
    const happen = this.#platform.accidents.get(name)
    if (happen === undefined) throw new Error(`no accident ${name}`)
    return await happen()
  }

  #serviceOf(name: ServiceName): ServiceProcess {
    const service = this.#platform.services.get(name)
    if (service === undefined) throw new Error(`no service ${name}`)
    return service
  }

  #linkOf(name: LinkName): Link {
    const link = this.#platform.links.get(name)
    if (link === undefined) throw new Error(`no link ${name}`)
    return link
  }
}

/** A link can be slow and then silent: what goes wrong in different ways does so independently. */
function placeOf(fault: Fault): string {
  if (!('target' in fault)) return fault.kind
  return fault.target.includes(':') ? `${fault.kind} ${fault.target}` : fault.target
}

type LinkFault = Extract<Fault, { readonly target: LinkName }>

function disturb(link: Link, fault: LinkFault): Heal {
  const { conditions } = link
  switch (fault.kind) {
    case 'cut':
      conditions.refuses = true
      link.cut()
      return () => {
        conditions.refuses = false
      }
    case 'hold':
      return hold(link, fault)
    case 'break':
      conditions.cutsAfterBytes = fault.afterBytes
      return () => {
        conditions.cutsAfterBytes = undefined
      }
    case 'half-open':
      link.halfClose()
      return () => link.cut()
    default:
      return shape(waysOf(conditions, fault.kind === 'delay' ? fault.way : 'both'), fault)
  }
}

function hold(link: Link, { way, loses }: Extract<Fault, { kind: 'hold' }>): Heal {
  const held = waysOf(link.conditions, way)
  for (const each of held) each.holds = true
  return () => {
    if (loses) link.cut()
    for (const each of held) each.holds = false
    link.release()
  }
}

function waysOf({ up, down }: Conditions, way: Direction): readonly Way[] {
  if (way === 'both') return [up, down]
  return way === 'up' ? [up] : [down]
}

function shape(ways: readonly Way[], fault: Extract<LinkFault, { kind: 'delay' | 'lose' | 'slow-replies' }>): Heal {
  const set = (change: Partial<Way>) => {
    for (const way of ways) Object.assign(way, change)
  }
  if (fault.kind === 'delay') {
    set({ delayMs: fault.delayMs, jitterMs: fault.jitterMs })
    return () => set({ delayMs: 0, jitterMs: 0 })
  }
  if (fault.kind === 'slow-replies') {
    set({ slowReplies: { chance: fault.chance, minMs: fault.minMs, maxMs: fault.maxMs } })
    return () => set({ slowReplies: undefined })
  }
  if (fault.what === 'everything') set({ losesMessages: 1 })
  else set({ losesSubject: { subject: ANNOUNCED, chance: 1 } })
  return () => set({ losesMessages: 0, losesSubject: undefined })
}
