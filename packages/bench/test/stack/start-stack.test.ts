import { test } from 'tap'
import { revokeSessions } from '../../src/measures/revocations.ts'
import { createTokenHolders } from '../../src/measures/token-holders.ts'
import { createSessionOpener } from '../../src/stack/session-opener.ts'
import { startStack } from '../../src/stack/start-stack.ts'
import { sampleWhoAmI } from '../../src/who-am-i.ts'
import { context } from '../context.ts'

test('the gateway answers its token holders in the shape that the peers imitate, and revokes for good', async (t) => {
  const scope = new AsyncDisposableStack()
  t.teardown(() => scope.disposeAsync())
  const stack = await startStack(scope, context, { measured: ['gateway'], gateways: 1 })
  const { client, url, tokens, createHotHeaders } = await createTokenHolders(scope, context, stack)
  t.equal(new Set(tokens).size, context.options.tokens)

  const { body } = await client.ask({ method: 'GET', url, headers: await createHotHeaders() })
  const { user, session } = JSON.parse(body)
  t.same(Object.keys(user).toSorted(), Object.keys(sampleWhoAmI.user).toSorted())
  t.same(Object.keys(session).toSorted(), Object.keys(sampleWhoAmI.session).toSorted())

  const opener = await createSessionOpener(scope, stack.natsUrl)
  const gatewayUrls = stack.gateways.map((gateway) => gateway.url)
  const { latenciesMs, staleAccepts } = await revokeSessions({
    client,
    opener,
    gatewayUrls,
    seconds: 1,
    hammersPerGateway: 1
  })
  t.ok(latenciesMs.length > 0)
  t.equal(staleAccepts, 0)
})
