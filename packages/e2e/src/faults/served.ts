import { KINDS, type Kind, type Observed } from './observed.ts'

/** Of each kind so large a share is served, from 0 to 1. */
export type Shares = Readonly<Partial<Record<Kind, number>>>

function shareOf(observed: readonly Observed[], kind: Kind): number | undefined {
  const asked = observed.filter((each) => each.kind === kind)
  if (asked.length === 0) return undefined
  return asked.filter(({ verdict }) => verdict === 'good').length / asked.length
}

const toPercent = (share = 0): string => `${(share * 100).toFixed(0)} %`

/** Findings where less is served than must be: who is hit now and then is refused now and then, not for as long as it lasts. */
export function findScarce(during: readonly Observed[], least: Shares): string[] {
  return listKinds(least).flatMap((kind) => {
    const [share, wanted = 0] = [shareOf(during, kind), least[kind]]
    if (share === undefined) return [`nobody asked for ${kind} while it lasted`]
    return share < wanted ? [`${toPercent(share)} of ${kind} were served, not ${toPercent(wanted)}`] : []
  })
}

/** For the table. */
export function describeServed(during: readonly Observed[], least: Shares): string {
  const shares = listKinds(least).map((kind) => `${toPercent(shareOf(during, kind))} of ${kind}`)
  return `served while it lasted: ${shares.join(', ')}`
}

function listKinds(least: Shares): Kind[] {
  return KINDS.filter((kind) => least[kind] !== undefined)
}
