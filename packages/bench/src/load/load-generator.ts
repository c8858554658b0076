/** What is asked, again and again. */
export interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** File with one bearer token a line, used one after another instead of an `authorization` header. */
  readonly tokensFile?: string
}

export interface Load {
  readonly seconds: number
  readonly connections: number
  /** List of cores for the generator, as taskset takes it. */
  readonly cores: string | undefined
}

export interface LoadResult {
  readonly requestsPerSecond: number
  /** Requests that failed or were not answered by a 2xx. */
  readonly failures: number
}

/** Asks as fast as it is answered. */
export interface LoadGenerator {
  readonly name: string
  run(target: Target, load: Load): Promise<LoadResult>
}
