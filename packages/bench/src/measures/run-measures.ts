import type { Context } from '../context.ts'
import type { MeasureName } from '../options.ts'
import { measureDurability } from './durability.ts'
import { measureRefreshes } from './refresh.ts'
import { measureRevokes } from './revoke.ts'
import { measureScale } from './scale.ts'
import type { Section } from './section.ts'
import { measureSignIns } from './sign-in.ts'
import { measureWhoAmI } from './who-am-i.ts'

const measures: Readonly<Record<MeasureName, (context: Context) => Promise<Section>>> = {
  'who-am-i': measureWhoAmI,
  revoke: measureRevokes,
  'sign-in': measureSignIns,
  refresh: measureRefreshes,
  scale: measureScale,
  durability: measureDurability
}

/** One measure after another, each with servers of its own. A measure that fails is told of and does not end the rest. */
export async function runMeasures(context: Context): Promise<{ sections: Section[]; failed: MeasureName[] }> {
  const sections: Section[] = []
  const failed: MeasureName[] = []
  for (const name of context.options.only) {
    const startedAtMs = performance.now()
    context.tell(name)
    try {
      sections.push(await measures[name](context))
      context.tell(`${name} took ${Math.round((performance.now() - startedAtMs) / 1000)} s`)
    } catch (err) {
      failed.push(name)
      context.tell(`${name} failed: ${err instanceof Error ? (err.stack ?? err.message) : String(err)}`)
    }
  }
  return { sections, failed }
}
