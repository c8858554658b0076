import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { forEachPlace } from '../load/closed-loop.ts'
import { createHttpClient, type HttpClient } from '../load/http-client.ts'
import { createTemporaryFolder } from '../processes/temporary-folder.ts'
import { bearer, createAccounts } from '../stack/account.ts'
import type { ServiceProcess } from '../stack/services.ts'
import { createSessionOpener } from '../stack/session-opener.ts'
import type { Stack } from '../stack/start-stack.ts'

/** Everybody who asks a gateway who they are. */
export interface TokenHolders extends ServiceProcess {
  readonly client: HttpClient
  readonly tokens: readonly string[]
  /** The same tokens, one a line. */
  readonly tokensFile: string
  /** Headers of one person with a token that is good for minutes. */
  createHotHeaders(): Promise<Readonly<Record<string, string>>>
}

const OPENED_AT_ONCE = 64
export const CURRENT_SESSION = '/v1/sessions/current'

/** Opens the sessions. Their tokens live as long as they, so that none is over before the last round. */
export async function createTokenHolders(
  scope: AsyncDisposableStack,
  { options, tell }: Context,
  { gateways, natsUrl }: Stack
): Promise<TokenHolders> {
  const [gateway] = gateways
  if (gateway === undefined) throw new Error('there is no gateway')
  const client = scope.use(createHttpClient())
  const accounts = createAccounts(client, gateway.url)
  let { refreshToken } = await accounts.register('hot@example.com')

  tell(`  opening ${options.tokens} sessions`)
  const opener = await createSessionOpener(scope, natsUrl)
  const tokens = new Array<string>(options.tokens)
  await forEachPlace(options.tokens, OPENED_AT_ONCE, async (place) => {
    tokens[place] = (await opener.open('session')).tokens.accessToken
  })
  const tokensFile = join(createTemporaryFolder(scope, 'tokens'), 'tokens')
  await writeFile(tokensFile, `${tokens.join('\n')}\n`, { mode: 0o600 })
  return {
    ...gateway,
    ...{ url: `${gateway.url}${CURRENT_SESSION}`, client, tokens, tokensFile },
    createHotHeaders: async () => {
      const renewed = await accounts.refresh(refreshToken)
      refreshToken = renewed.refreshToken
      return bearer(renewed.accessToken)
    }
  }
}
