import { setTimeout as delay } from 'node:timers/promises'
import type { TestScope } from '@latchkey/testing/stores'
import type { GatewayClient } from '../history/gateway-client.ts'
import type { Disturbance } from '../history/history.ts'
import { watchStalls } from '../history/stalls.ts'
import { BalancedClient } from './balanced-client.ts'
import { gatherCrowd } from './gather-crowd.ts'
import { type HealthWatch, watchHealth } from './health.ts'
import { judge, RECOVER_MS, type Times } from './judge.ts'
import { Load, ORDINARY } from './load.ts'
import type { Observed } from './observed.ts'
import { type Platform, startPlatform, type Topology } from './platform.ts'
import { checkPromises } from './promises.ts'
import type { Outcome, RunOptions, Scenario, Seen, Stage } from './scenario.ts'

const TOPOLOGY: Topology = { gateway: 2, auth: 1, session: 1, activity: 1 }
const HEALTHY_MS = 2000
/** All has been well for so long: it has recovered. */
const WELL_MS = 1500
const LOOK_MS = 50

/** Starts a platform, puts it under load, makes it go wrong and right again, and judges what was seen. */
export async function runScenario(
  t: TestScope,
  scenario: Scenario,
  options: Omit<RunOptions, 'signIns'>
): Promise<Outcome> {
  const { random } = options
  const prepared = await scenario.prepare?.(t)
  const { platform, crowd, load } = await createStage(t, { ...scenario, ...prepared, random })
  const busy: Disturbance[] = []
  const unwatch = watchStalls({ noteDisturbance: (disturbance) => void busy.push(disturbance) })
  t.teardown(unwatch)
  const stage = { platform, crowd, load, random: random.fork('fault') }
  await delay(HEALTHY_MS)
  const health = await watchHealth(t, platform.services, scenario.maxGrowthMib)
  const times = await disturb(scenario, stage)
  await awaitWell(load, times, RECOVER_MS * options.patience)
  const observed = await load.stop()
  unwatch()
  const judged = judge(observed, times, scenario, busy, options)
  const rest = await judgeRest(scenario, health, { ...stage, ...divide(observed, times) })
  return {
    findings: [...judged.findings, ...rest.findings],
    notes: [...judged.notes, ...rest.notes],
    figures: judged.figures
  }
}

type Setting = Pick<Scenario, 'topology' | 'environment' | 'stores' | 'rates' | 'isBalanced'> &
  Pick<RunOptions, 'random'>

/** A platform, people on it, and what they do from now on. */
export async function createStage(t: TestScope, setting: Setting): Promise<Omit<Stage, 'random'>> {
  const { topology, environment = {}, stores, rates, random } = setting
  const platform = await startPlatform(t, {
    topology: { ...TOPOLOGY, ...topology },
    random: random.fork('links'),
    overrides: environment,
    stores
  })
  const crowd = await gatherCrowd(platform)
  const gateways = reach(platform, setting, t)
  const load = new Load({ crowd, gateways, rates: { ...ORDINARY, ...rates }, random: random.fork('load') })
  t.teardown(async () => void (await load.stop()))
  return { platform, crowd, load }
}

/** Through a load balancer, where there is one, or each gateway directly. */
function reach({ gateways }: Platform, { isBalanced }: Setting, t: TestScope): readonly GatewayClient[] {
  if (isBalanced !== true) return gateways
  const balanced = new BalancedClient(gateways)
  t.teardown(() => balanced.close())
  return [balanced]
}

async function disturb(scenario: Scenario, stage: Stage): Promise<Times> {
  const begunAt = performance.now()
  const heal = await scenario.begin(stage)
  await delay(Math.max(0, scenario.forMs - (performance.now() - begunAt)))
  await heal()
  return { begunAt, healedAt: performance.now() }
}

/** Until nothing has gone wrong for a while, or it has gone wrong for too long. */
async function awaitWell({ observed }: Load, { healedAt }: Times, withinMs: number): Promise<void> {
  const isWell = ({ verdict }: Observed) => verdict === 'good' || verdict === 'limited'
  for (;;) {
    const now = performance.now()
    const last = observed.findLast((each) => !isWell(each))
    if (now - Math.max(healedAt, last?.end ?? 0) > WELL_MS || now - healedAt > withinMs + WELL_MS) return
    await delay(LOOK_MS)
  }
}

function divide(observed: readonly Observed[], { begunAt, healedAt }: Times) {
  return {
    before: observed.filter(({ end }) => end < begunAt),
    during: observed.filter(({ start }) => start >= begunAt && start < healedAt),
    after: observed.filter(({ start }) => start >= healedAt)
  }
}

async function judgeRest(
  scenario: Scenario,
  watched: HealthWatch,
  seen: Seen
): Promise<Pick<Outcome, 'findings' | 'notes'>> {
  const promises = await checkPromises(seen.crowd, seen.platform.gateways)
  const health = await watched.judge()
  const own = (await scenario.check?.(seen)) ?? []
  return {
    findings: [...promises, ...health.findings, ...own],
    notes: [...health.notes, ...(scenario.describe?.(seen) ?? [])]
  }
}
