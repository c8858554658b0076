import { ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import type { AuthorityRules, HolderRules } from '../src/rules.ts'
import { createSilentMember, openPlatform, untilSettled } from './authority-scenario.ts'
import { isKept, openHolder } from './holder-scenario.ts'
import { AUTHORITY_RULE_NAMES, HOLDER_RULE_NAMES, readBrokenRules } from './mutants/rules.ts'
import { found, until } from './scenario.ts'

type Scope = Parameters<typeof openHolder>[0]
/** Whether a verdict was used, or a revocation answered, that the rule forbids. */
type Breach<R> = (t: Scope, rules: Partial<R>) => Promise<boolean>

const ITEMS = [{ kind: 'session', id: 'token' }] as const

const holderBreaches: { readonly [N in keyof HolderRules]: Breach<HolderRules> } = {
  refusesOvertakenAnswers: async (t, rules) => {
    const { holder, announce, asked } = await openHolder(t, { rules })
    void holder.judge('token', true, undefined)
    await announce(ITEMS)
    asked[0]?.answer(ok(found('token')))
    await until(() => asked.length === 2 || holder.state.entries === 1)
    return isKept(holder, 'token')
  },
  detachesFlights: async (t, rules) => {
    const { holder, announce, asked } = await openHolder(t, { rules })
    void holder.judge('token', true, undefined)
    await announce(ITEMS)
    const after = holder.judge('token', true, undefined)
    const isShared = asked.length === 1
    asked[0]?.answer(ok(found('token')))
    return isShared && (await after).ok
  },
  countsLeaseFromSending: async (t, rules) => {
    const config = { leaseMs: 1000, heartbeatDeadMs: 60_000, renewMs: 900 }
    const { holder, stand, clock } = await openHolder(t, { rules, config })
    stand.replyDelayMs = 800
    const { renewals } = stand
    await until(() => stand.renewals > renewals)
    clock.passMs(1000)
    await until(() => holder.state.flushes.lapsed > 0)
    return holder.state.live
  },
  usesMonotonicClock: async (t, rules) => {
    const { holder, stand, clock } = await openHolder(t, { rules })
    stand.answers = false
    clock.slipMs(-60_000)
    clock.passMs(2100)
    return holder.state.live
  },
  dropsOnDoubt: async (t, rules) => {
    const { keep, holder, publishBytes, stand } = await openHolder(t, { rules })
    await keep('token')
    stand.answers = false
    publishBytes('not readable')
    publishBytes('nor is this')
    await until(() => holder.state.flushes.unreadable > 0, 300).catch(() => undefined)
    return isKept(holder, 'token')
  },
  checksSequence: async (t, rules) => {
    const { holder, keep, stand } = await openHolder(t, { rules })
    await keep('token')
    stand.missed = [...ITEMS]
    stand.seq += 1
    const { renewals } = stand
    await until(() => stand.renewals > renewals + 1)
    return isKept(holder, 'token')
  },
  keepsTombstones: async (t, rules) => {
    const { holder, announce, asked, keep } = await openHolder(t, { rules })
    void holder.judge('token', true, undefined)
    await announce([{ kind: 'user', id: 'ada' }])
    await keep('other', { userId: 'ada' })
    asked[0]?.answer(ok(found('token', { userId: 'ada' })))
    await until(() => asked.length === 3 || holder.state.entries === 2)
    return isKept(holder, 'token')
  },
  refusesOnOverflow: async (t, rules) => {
    const { holder, announce, asked } = await openHolder(t, { rules, config: { tombstoneCapacity: 2 } })
    void holder.judge('token', true, undefined)
    await announce(ITEMS)
    for (const id of ['a', 'b', 'c']) await announce([{ kind: 'session', id }])
    asked[0]?.answer(ok(found('token')))
    await until(() => asked.length === 2 || holder.state.entries === 1)
    return isKept(holder, 'token')
  },
  dropsOnLapse: async (t, rules) => {
    const { holder, keep, clock } = await openHolder(t, { rules })
    await keep('token')
    clock.passMs(2100)
    await until(() => holder.state.live)
    return isKept(holder, 'token')
  },
  judgesByLease: async (t, rules) => {
    const { holder, keep, clock, stand } = await openHolder(t, { rules })
    await keep('token')
    const { renewals } = stand
    await until(() => stand.renewals > renewals + 1)
    clock.passMs(2100)
    return isKept(holder, 'token')
  },
  obeysBeforeAcknowledging: async (t, rules) => {
    const { holder, keep, announce } = await openHolder(t, { rules })
    await keep('token')
    await announce(ITEMS)
    return isKept(holder, 'token')
  }
}

/** Whether the answer came although a holder that heard nothing may still be judging. */
async function answersEarly(t: Scope, rules: Partial<AuthorityRules>): Promise<boolean> {
  const { startAuthority, redis } = await openPlatform(t)
  const authority = await startAuthority({ rules })
  await untilSettled(authority)
  await createSilentMember(redis).renew()
  const announced = await authority.announce(ITEMS, { timeoutMs: 300 })
  return announced.ok
}

const authorityBreaches: { readonly [N in keyof AuthorityRules]: Breach<AuthorityRules> } = {
  awaitsHolders: answersEarly,
  outwaitsLeases: answersEarly,
  doubtsNewRegistry: async (t, rules) => {
    const { startAuthority, redis } = await openPlatform(t)
    const authority = await startAuthority({ rules })
    await untilSettled(authority)
    await redis.flushall()
    return (await authority.announce(ITEMS, { timeoutMs: 300 })).ok
  },
  dropsByMark: async (t, rules) => {
    const { startAuthority, redis } = await openPlatform(t)
    const authority = await startAuthority({ rules, config: { censusMs: 60_000 } })
    await untilSettled(authority)
    const { renew, isMember } = createSilentMember(redis)
    await renew()
    const announced = authority.announce(ITEMS, { timeoutMs: 5000 })
    await until(async () => (await redis.xlen('lk:v:{v}:log')) === 2)
    await renew()
    await announced
    // What strikes it off is sent before this is asked, over the same connection.
    return !(await isMember())
  }
}

for (const [name, breach] of Object.entries(holderBreaches)) {
  test(`a holder is right by the rule ${name}, and wrong without it`, async (t) => {
    t.equal(await breach(t, {}), false, 'with the rule')
    t.equal(await breach(t, { [name]: false }), true, 'without it')
  })
}

for (const [name, breach] of Object.entries(authorityBreaches)) {
  test(`an authority is right by the rule ${name}, and wrong without it`, async (t) => {
    t.equal(await breach(t, {}), false, 'with the rule')
    t.equal(await breach(t, { [name]: false }), true, 'without it')
  })
}

test('every rule has a test, and production breaks none', async (t) => {
  t.same(Object.keys(holderBreaches).toSorted(), HOLDER_RULE_NAMES.toSorted())
  t.same(Object.keys(authorityBreaches).toSorted(), AUTHORITY_RULE_NAMES.toSorted())
  t.same(readBrokenRules([...HOLDER_RULE_NAMES, ...AUTHORITY_RULE_NAMES]), {})
})
