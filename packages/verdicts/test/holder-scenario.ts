import { ok } from '@latchkey/contracts/errors'
import { startNats, type TestScope } from '@latchkey/testing/stores'
import type { Found } from '../src/holder/options.ts'
import {
  createHeldLookUps,
  createMovableClock,
  createTestHolder,
  found,
  type HolderSetup,
  openTransport,
  serveStandIn,
  type TestHolder,
  type TestVerdict,
  until
} from './scenario.ts'

/** A live holder of a stand-in authority, a clock that can be moved, and look-ups that the test answers. */
export async function openHolder(t: TestScope, setup: Partial<HolderSetup> = {}) {
  const nats = await startNats(t)
  const standIn = serveStandIn(t, openTransport(t, nats))
  const clock = createMovableClock()
  const { asked, lookUp } = createHeldLookUps()
  const transport = openTransport(t, nats)
  const holder = createTestHolder(t, transport, { lookUp, clock, ...setup })
  holder.start()
  await until(() => holder.state.live)

  /** Has the holder ask for the token, and keep what it is answered. */
  const keep = async (token: string, changes: Partial<Found<TestVerdict>> = {}) => {
    const judged = holder.judge(token, true, undefined)
    asked.at(-1)?.answer(ok(found(token, changes)))
    await judged
  }
  return { ...standIn, nats, clock, holder, asked, keep, transport }
}

/** Whether the holder answers by what it keeps. Asks nobody: what is not kept starts a look-up that is left alone. */
export function isKept(holder: TestHolder, token: string): boolean {
  return !(holder.judge(token, false, undefined) instanceof Promise)
}
