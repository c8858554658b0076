import { env } from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { pickFreePort } from '@latchkey/dev/free-port'
import { startEphemeralNats } from '@latchkey/dev/servers'
import { type ConnectionOptions, connect } from 'nats'
import type { TestScope, TestServer } from './stores.ts'

export interface NatsClusterOptions {
  /** More arguments of each nats-server. */
  readonly args?: readonly string[]
  /** Who may look whether the streams can be used; nobody in particular by default. */
  readonly account?: Pick<ConnectionOptions, 'user' | 'pass'>
  /** Leads the way from one server to a port of another: returns the port to dial instead. */
  readonly lead?: (from: number, to: number, port: number) => Promise<number>
}

export interface NatsCluster {
  /** All servers, separated by commas. */
  readonly url: string
  readonly servers: readonly TestServer[]
  /** On how many servers a stream is kept. */
  countReplicas(stream: string): Promise<number>
}

const SIZE = 3
/** Where nobody listens: servers find each other by the routes they were given and by no other. */
const NOWHERE = '127.0.0.1:1'

/** Three servers of NATS on loopback that keep streams together; resolves once a stream can be made. */
export async function startNatsCluster(t: TestScope, options: NatsClusterOptions = {}): Promise<NatsCluster> {
  const { args = [], account = {}, lead = async (_from, _to, port) => port } = options
  const ports = await Promise.all(Array.from({ length: SIZE }, () => pickFreePort()))
  const start = async (index: number): Promise<TestServer> => {
    const others = ports.flatMap((port, other) => (other === index ? [] : [{ port, other }]))
    const routes = await Promise.all(others.map(({ port, other }) => lead(index, other, port)))
    const server = await startEphemeralNats(env, [
      ...['--name', `nats-${index}`, '--cluster_name', 'test'],
      ...['--cluster', `nats://127.0.0.1:${ports[index]}`, '--cluster_advertise', NOWHERE, '--no_advertise'],
      ...['--routes', routes.map((port) => `nats://127.0.0.1:${port}`).join(',')],
      ...args
    ])
    t.teardown(server.stop)
    return server
  }
  const servers = await Promise.all(ports.map((_, index) => start(index)))
  for (const { url } of servers) await untilStreamsWork({ ...account, servers: url, ignoreClusterUpdates: true })
  const url = servers.map((server) => server.url).join(',')
  return { servers, url, countReplicas: (stream) => countReplicas({ ...account, servers: url.split(',') }, stream) }
}

async function countReplicas(options: ConnectionOptions, stream: string): Promise<number> {
  const connection = await connect(options)
  try {
    const manager = await connection.jetstreamManager()
    const { config } = await manager.streams.info(stream)
    return config.num_replicas
  } finally {
    await connection.close()
  }
}

async function untilStreamsWork(options: ConnectionOptions): Promise<void> {
  const connection = await connect(options)
  for (;;) {
    // The leader answers for all, and where there is none yet nobody does.
    const hasLeader = await connection.jetstreamManager({ timeout: 500 }).then(
      () => true,
      () => false
    )
    if (hasLeader) break
    await delay(50)
  }
  await connection.close()
}
