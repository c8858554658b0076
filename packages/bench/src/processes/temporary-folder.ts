import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** A folder that goes with `scope`, and with this process at the latest. */
export function createTemporaryFolder(scope: DisposableStack | AsyncDisposableStack, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `latchkey-bench-${name}-`))
  const remove = (): void => {
    process.off('exit', remove)
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', remove)
  scope.defer(remove)
  return folder
}
