import { createNatsGuard, OPERATOR } from '@latchkey/testing/guarded-stores'
import { startNatsCluster } from '@latchkey/testing/nats-cluster'
import type { TestServer } from '@latchkey/testing/stores'
import type { Heal } from '../history/faults.ts'
import { Link } from '../history/link.ts'
import { createStore, type StartStore } from './clustered-store.ts'

/** Three servers of NATS that reach each other over links, each with the users that it is deployed with. */
export const startNatsServers: StartStore = async (t, random) => {
  const links: { readonly ends: readonly number[]; readonly link: Link }[] = []
  const lead = async (from: number, to: number, port: number): Promise<number> => {
    const name = `nats-${from}:nats-${to}`
    const link = new Link({ name, target: port, isNats: false, random: random.fork(name) })
    await link.open()
    t.teardown(() => link.close())
    links.push({ ends: [from, to], link })
    return link.port
  }
  const cluster = await startNatsCluster(t, { args: ['--config', await createNatsGuard(t)], account: OPERATOR, lead })
  const accidents = cluster.servers.flatMap((server, index) => {
    const own = links.filter(({ ends }) => ends.includes(index)).map(({ link }) => link)
    const name = `nats-${index}`
    return [
      [`${name} is killed`, () => kill(server)],
      [`${name} hangs`, () => freeze(server)],
      [`${name} is cut off from the others`, () => cut(own)],
      [`${name} and the others do not hear each other`, () => hold(own)]
    ] as const
  })
  return createStore(cluster.url, cluster.servers, accidents)
}

export async function kill(server: TestServer): Promise<Heal> {
  await server.kill()
  return () => server.restart()
}

export async function freeze(server: TestServer): Promise<Heal> {
  server.pause()
  return () => server.resume()
}

async function cut(links: readonly Link[]): Promise<Heal> {
  for (const link of links) {
    link.conditions.refuses = true
    link.cut()
  }
  return () => {
    for (const link of links) link.conditions.refuses = false
  }
}

/** Connections stand, and nothing arrives. */
async function hold(links: readonly Link[]): Promise<Heal> {
  const set = (holds: boolean) => {
    for (const { conditions } of links) {
      conditions.up.holds = holds
      conditions.down.holds = holds
    }
  }
  set(true)
  return () => {
    set(false)
    for (const link of links) link.cut()
  }
}
