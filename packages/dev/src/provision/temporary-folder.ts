import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder for data that is thrown away; other accounts may pass through it, since PostgreSQL may be one. */
export function createTemporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `latchkey-${name}-`))
  chmodSync(folder, 0o711)
  return folder
}
