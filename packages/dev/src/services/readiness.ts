/** What `/readyz` says, in words for one line; undefined when all is well. */
export type Trouble = string | undefined

const requestTimeoutMs = 2_000

function listFailing(body: unknown): string[] {
  if (typeof body !== 'object' || body === null || !('checks' in body)) return []
  const { checks } = body
  if (typeof checks !== 'object' || checks === null) return []
  return Object.entries(checks).flatMap(([name, state]) => (state === 'ok' ? [] : [name]))
}

/** Asks a service of this machine whether it can do its work. */
export async function findTrouble(port: number): Promise<Trouble> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(requestTimeoutMs) })
    if (response.ok) return void (await response.arrayBuffer())
    const failing = listFailing(await response.json().catch(() => undefined))
    return failing.length === 0 ? `it answers ${response.status}` : `${failing.join(' and ')} failing`
  } catch {
    return 'it does not answer'
  }
}
