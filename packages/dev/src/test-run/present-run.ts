import type { PackageRun } from './run-turbo-tests.ts'

function presentFailures({ name, failures }: PackageRun): string[] {
  return failures.flatMap(({ title, details }) => [`✗ ${name} ${title}`, ...details.map((line) => `    ${line}`), ''])
}

function presentPackage({ name, passed, failures, seconds }: PackageRun): string {
  const counts = `${String(passed).padStart(5)} passed, ${String(failures.length).padStart(3)} failed`
  return `  ${name.padEnd(22)} ${counts}  ${seconds.toFixed(1).padStart(6)} s`
}

export function countTests(packages: readonly PackageRun[]): { readonly passed: number; readonly failed: number } {
  const sum = (count: (run: PackageRun) => number): number => packages.reduce((total, run) => total + count(run), 0)
  return { passed: sum(({ passed }) => passed), failed: sum(({ failures }) => failures.length) }
}

/** The failures with what they said, a line for each package, and the count, alone in the last line. */
export function presentRun(packages: readonly PackageRun[]): string {
  const sorted = packages.toSorted((a, b) => a.name.localeCompare(b.name))
  const { passed, failed } = countTests(packages)
  const lines = [
    ...sorted.flatMap(presentFailures),
    ...sorted.map(presentPackage),
    '',
    `${passed} passed, ${failed} failed`
  ]
  return lines.join('\n')
}
