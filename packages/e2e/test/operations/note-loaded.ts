import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { env } from 'node:process'

/** What traces are made with; the API itself is a part of the metrics' client. */
const TRACING = /@opentelemetry\/(?!api\/)|@fastify\/otel|import-in-the-middle/

// Preloaded into a service: writes down which of it the service loads.
registerHooks({
  load: (url, context, nextLoad) => {
    if (TRACING.test(url)) appendFileSync(env.LOADED_FILE ?? '', `${url}\n`)
    return nextLoad(url, context)
  }
})
