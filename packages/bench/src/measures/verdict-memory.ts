import type { Context } from '../context.ts'
import { forEachPlace } from '../load/closed-loop.ts'
import { measureLoad } from '../load/measure-load.ts'
import { createFinding, type Finding } from '../rounds.ts'
import { bearer } from '../stack/account.ts'
import type { TokenHolders } from './token-holders.ts'

const ASKED_AT_ONCE = 32

/** How much the gateway's memory grows by each token it has met: the verdict, its place in the indexes, and its key. */
export async function measureVerdictMemory(context: Context, holders: TokenHolders): Promise<Finding> {
  const { tokens, client, url } = holders
  // Code is compiled and buffers have grown before memory is looked at.
  await measureLoad(context, { url, headers: await holders.createHotHeaders() })
  const before = await holders.measureMemoryBytes()
  context.tell(`  asking who ${tokens.length} people are, once each`)
  await forEachPlace(tokens.length, ASKED_AT_ONCE, async (place) => {
    const { status } = await client.ask({ method: 'GET', url, headers: bearer(tokens[place] ?? '') })
    if (status !== 200) throw new Error(`a live token was answered ${status}`)
  })
  const bytes = ((await holders.measureMemoryBytes()) - before) / tokens.length
  return createFinding('who-am-i/gateway-bytes-per-verdict', 'gateway memory per verdict', 'bytes', [bytes])
}
