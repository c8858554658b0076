import type { TestScope, TestServer } from '@latchkey/testing/stores'
import type { Heal } from '../history/faults.ts'
import type { Store } from '../history/platform.ts'
import type { Random } from '../history/random.ts'

/** A store of several servers, and what can happen to one of them. */
export interface ClusteredStore extends Store {
  readonly accidents: ReadonlyMap<string, () => Promise<Heal>>
}

export type StartStore = (t: TestScope, random: Random) => Promise<ClusteredStore>

/** What is done to the store is done to all of its servers. */
export function createStore(
  url: string,
  servers: readonly TestServer[],
  accidents: readonly (readonly [string, () => Promise<Heal>])[]
): ClusteredStore {
  const each = (act: (server: TestServer) => void) => () => servers.forEach(act)
  return {
    url,
    pause: each((server) => server.pause()),
    resume: each((server) => server.resume()),
    restart: async () => void (await Promise.all(servers.map((server) => server.restart()))),
    accidents: new Map(accidents)
  }
}
