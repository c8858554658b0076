import { buildUnstarted } from './unstarted-app.ts'

/** The document as the gateway makes it by default; no service and no server is needed for that. */
export async function renderOpenApiDocument(): Promise<string> {
  const { app, close } = await buildUnstarted('nats://127.0.0.1:4222')
  const { body } = await app.inject('/openapi.json')
  await close()
  return `${JSON.stringify(JSON.parse(body), null, 2)}\n`
}
