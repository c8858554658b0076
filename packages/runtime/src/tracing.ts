import { ConfigError } from './config.ts'

export interface Tracing<T> {
  traceTransport(transport: T): T
  stop(): Promise<void>
}

export interface TracingSource<T> {
  readonly service: string
  /** Base URL of a collector; nothing is traced, nor loaded for it, where it is unset or empty. */
  readonly endpoint: string | undefined
  readonly load: () => Promise<{
    startTracing(options: { readonly service: string; readonly endpoint: string }): Tracing<T>
  }>
}

/**
 * Begins to trace where that is asked for. To be called before anything is imported that is to be looked into. Throws
 * `ConfigError` where it is asked for and what it needs was left out of the deployment.
 */
export async function openTracing<T>({ service, endpoint, load }: TracingSource<T>): Promise<Tracing<T>> {
  if (endpoint === undefined || endpoint === '') {
    return { traceTransport: (transport) => transport, stop: async () => undefined }
  }
  if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint)) {
    throw new ConfigError('configuration: OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL')
  }
  return (await loadIfThere(load)).startTracing({ service, endpoint })
}

async function loadIfThere<L>(load: () => Promise<L>): Promise<L> {
  try {
    return await load()
  } catch (err) {
    if (!(err instanceof Error && 'code' in err && err.code === 'ERR_MODULE_NOT_FOUND')) throw err
    throw new ConfigError('configuration: OTEL_EXPORTER_OTLP_ENDPOINT is set, but this was deployed without tracing')
  }
}
