import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'tap'
import { pickFreePort } from '../../src/servers/free-port.ts'
import { ensureGatewayPort } from '../../src/services/gateway-port.ts'

test('a port that another program has is refused with the variable that cures it', async (t) => {
  const port = await pickFreePort()
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  await t.rejects(ensureGatewayPort(port), { message: new RegExp(`^port ${port} is taken .*GATEWAY_PORT=`) })
})

test('a free port is accepted', async (t) => {
  await t.resolves(ensureGatewayPort(await pickFreePort()))
})
