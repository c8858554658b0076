export interface Failure {
  /** File and test, as a person would look for them. */
  readonly title: string
  /** What the assertion said, in lines. */
  readonly details: readonly string[]
}

export interface TestResults {
  readonly passed: number
  readonly failures: readonly Failure[]
}

interface ResultLine {
  readonly depth: number
  readonly ok: boolean
  readonly name: string
  readonly details: string[]
}

const resultLine = /^( *)(not )?ok \d+(?: - )?(.*?)(?: # time=\S+)?(?: \{)?$/
const passedOver = /# (SKIP|TODO)\b/i
const maxDetails = 25

/** tap writes four spaces for each level: files are at depth 0, their named tests at 1, assertions below. */
function parseLines(text: string): ResultLine[] {
  const results: ResultLine[] = []
  let isDiagnosis = false
  for (const line of text.split('\n')) {
    const last = results.at(-1)
    if (last !== undefined && line.trim() === '---') isDiagnosis = true
    else if (line.trim() === '...') isDiagnosis = false
    else if (isDiagnosis) last?.details.push(line.slice((last?.depth ?? 0) * 4 + 2))
    else {
      const match = resultLine.exec(line)
      if (match === null || passedOver.test(line)) continue
      const [, indent = '', not, name = ''] = match
      results.push({ depth: indent.length / 4, ok: not === undefined, name, details: [] })
    }
  }
  return results
}

function describe(title: string, own: ResultLine, below: readonly ResultLine[]): Failure {
  const culprits = below.filter(({ ok, details }) => !ok && details.length > 0)
  const shown = culprits.length > 0 ? culprits : [own]
  const details = shown.flatMap((culprit) => [...(culprit === own ? [] : [culprit.name]), ...culprit.details])
  return { title, details: details.slice(0, maxDetails) }
}

/**
 * Counts the named tests of a raw TAP stream. A file that failed without a failing test (it crashed, or took too long)
 * counts as one failure. Skipped ones count as nothing.
 */
export function readTapResults(text: string): TestResults {
  const failures: Failure[] = []
  let passed = 0
  let below: ResultLine[] = []
  let failedTests: { test: ResultLine; below: ResultLine[] }[] = []
  for (const result of parseLines(text)) {
    if (result.depth > 1) below.push(result)
    else if (result.depth === 1) {
      if (result.ok) passed += 1
      else failedTests.push({ test: result, below })
      below = []
    } else {
      for (const failed of failedTests)
        failures.push(describe(`${result.name} › ${failed.test.name}`, failed.test, failed.below))
      if (!result.ok && failedTests.length === 0) failures.push(describe(result.name, result, below))
      failedTests = []
      below = []
    }
  }
  for (const failed of failedTests) failures.push(describe(failed.test.name, failed.test, failed.below))
  return { passed, failures }
}
