import type { Environment } from '../settings.ts'
import { canInstallDebianPackages } from './debian.ts'
import { dockerAnswers } from './docker.ts'
import { chooseRung, type Rung, type Store, stores } from './ladder.ts'
import { findPrograms, type ServerPrograms } from './programs.ts'

export type GivenUrls = Readonly<Record<Store, string | undefined>>

/** Addresses of servers that somebody else runs. */
export function readGivenUrls({ DATABASE_URL, REDIS_URL, REDIS_HOST, REDIS_PORT, NATS_URL }: Environment): GivenUrls {
  const redisByHost = REDIS_HOST ? `redis://${REDIS_HOST}:${REDIS_PORT || 6379}` : undefined
  return { postgres: DATABASE_URL || undefined, redis: REDIS_URL || redisByHost, nats: NATS_URL || undefined }
}

export interface Choice {
  readonly rungs: Readonly<Record<Store, Rung>>
  readonly programs: ServerPrograms
}

/** Decides how each store is provided. Package manager and Docker are asked only when something is missing. */
export async function chooseRungs(urls: GivenUrls, environment: Environment, mayInstall: boolean): Promise<Choice> {
  const programs = findPrograms(environment)
  const isMissing = (store: Store): boolean => urls[store] === undefined && programs[store] === undefined
  const somethingIsMissing = stores.some(isMissing)
  const canInstall = somethingIsMissing && mayInstall && canInstallDebianPackages(environment)
  const docker = somethingIsMissing && !canInstall && (await dockerAnswers())
  const choose = (store: Store): Rung => {
    const hasProgram = programs[store] !== undefined
    return chooseRung({ url: urls[store], hasProgram, canInstall, dockerAnswers: docker })
  }
  return { rungs: { postgres: choose('postgres'), redis: choose('redis'), nats: choose('nats') }, programs }
}
