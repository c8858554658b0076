import { setTimeout as delay } from 'node:timers/promises'
import type { Link } from '../history/link.ts'
import type { Direction } from '../history/schedule.ts'
import type { ServiceProcess } from '../history/service-process.ts'
import type { Heal } from './scenario.ts'

/** Connections are reset, new ones refused. */
export function cut(links: readonly Link[]): Heal {
  for (const link of links) {
    link.conditions.refuses = true
    link.cut()
  }
  return () => {
    for (const { conditions } of links) conditions.refuses = false
  }
}

function waysOf({ conditions: { up, down } }: Link, direction: Direction) {
  if (direction === 'both') return [up, down]
  return direction === 'up' ? [up] : [down]
}

/** Nothing passes, and nobody is told; what was held arrives when that is over. `up` is towards the store. */
export function hold(links: readonly Link[], direction: Direction = 'both'): Heal {
  const ways = links.flatMap((link) => waysOf(link, direction))
  for (const way of ways) way.holds = true
  return () => {
    for (const way of ways) way.holds = false
    for (const link of links) link.release()
  }
}

/** Messages of one subject are lost, all others pass. NATS only. */
export function lose(links: readonly Link[], subject: string, direction: Direction): Heal {
  const ways = links.flatMap((link) => waysOf(link, direction))
  for (const way of ways) way.losesSubject = { subject, chance: 1 }
  return () => {
    for (const way of ways) way.losesSubject = undefined
  }
}

/** Everything takes longer; with jitter the delays differ, the order stays. */
export function slow(links: readonly Link[], delayMs: number, jitterMs = 0): Heal {
  const ways = links.map(({ conditions }) => conditions.down)
  for (const way of ways) Object.assign(way, { delayMs, jitterMs })
  return () => {
    for (const way of ways) Object.assign(way, { delayMs: 0, jitterMs: 0 })
  }
}

/** Connections break in the middle of what they carry, again and again. */
export function breakAfter(links: readonly Link[], bytes: number): Heal {
  for (const { conditions } of links) conditions.cutsAfterBytes = bytes
  return () => {
    for (const { conditions } of links) conditions.cutsAfterBytes = undefined
  }
}

interface Pausable {
  pause(): void
  resume(): void
}

/** SIGSTOP: connections stand, nothing is answered. */
export function freeze(...processes: readonly Pausable[]): Heal {
  for (const each of processes) each.pause()
  return () => {
    for (const each of processes) each.resume()
  }
}

/** SIGKILL, and started again when the fault is over. */
export async function crash(...services: readonly ServiceProcess[]): Promise<Heal> {
  await Promise.all(services.map((service) => service.kill()))
  return async () => {
    await Promise.all(services.map((service) => service.start()))
  }
}

export interface Killable {
  kill(): Promise<void>
  restart(): Promise<void>
}

/** The same for a store, which keeps what it had on disk. */
export async function crashStore(store: Killable): Promise<Heal> {
  await store.kill()
  return () => store.restart()
}

/** Breaks and mends for so long, over and over. `pauseMs` is drawn anew each time. */
export async function repeat(
  forMs: number,
  once: () => Promise<Heal> | Heal,
  { lastsMs, pauseMs }: { readonly lastsMs: () => number; readonly pauseMs: () => number }
): Promise<void> {
  const end = performance.now() + forMs
  while (performance.now() < end) {
    await delay(pauseMs())
    const heal = await once()
    await delay(lastsMs())
    await heal()
  }
}
