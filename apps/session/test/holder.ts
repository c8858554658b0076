import { ok } from '@latchkey/contracts/errors'
import { createVerdictHolder } from '@latchkey/verdicts/holder'
import type { Test } from 'tap'
import { call, connectTo, getValue, opening, type Stack } from './start-app.ts'
import { createUser } from './store/fixtures.ts'
import { until } from './until.ts'

const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }

interface Reference {
  readonly userId: string
  readonly sessionId: string
}

/** A holder as a gateway has it, of tokens that are references in plain text. */
function createHolder(t: Test, transport: Stack['transport'], { sessions }: Stack) {
  const holder = createVerdictHolder({
    transport,
    log: silent,
    lookUp: async ({ token, activity, timeoutMs }: { token: string; activity: boolean; timeoutMs: number }) => {
      const reference: Reference = JSON.parse(token)
      const checked = await sessions.check({ ...reference, activity }, { requestId: 'test', timeoutMs })
      return checked.ok ? ok({ ...checked.value, ...reference, verdict: checked.value.user }) : checked
    },
    config: { lookUpTimeoutMs: 2000 }
  })
  t.teardown(() => holder.stop())
  return holder
}

/** A holder that judges from memory, and how sessions come into it. */
export async function openHolder(t: Test, stack: Stack) {
  const holder = createHolder(t, await connectTo(t, stack.nats), stack)
  holder.start()
  await until(() => holder.state.live)

  const open = async (changes: Parameters<typeof opening>[0] = {}, user = createUser()) => {
    const { session, tokens } = getValue(await stack.sessions.open(opening(changes, user), call))
    const token = JSON.stringify({ userId: user.id, sessionId: session.id })
    return { user, session, token, tokens, reference: { userId: user.id, sessionId: session.id } }
  }
  const isKept = (token: string) => !(holder.judge(token, false, undefined) instanceof Promise)
  const keep = async (token: string) => {
    await until(async () => (await holder.judge(token, false, undefined)).ok && isKept(token))
  }
  return { holder, open, isKept, keep }
}
