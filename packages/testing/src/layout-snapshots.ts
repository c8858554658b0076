import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Layout } from './redis-layout.ts'
import type { TestScope } from './stores.ts'

export interface LayoutSnapshots {
  /** The minor versions that there is a layout of, `0.1`. */
  readonly versions: readonly string[]
  read(version: string): Layout
  /** Keeps what `take` finds as the layout of the minor version that a version (`0.1.3`) belongs to. */
  write(version: string, take: (t: TestScope) => Promise<Layout>): Promise<void>
}

/** Layouts of the versions that may run side by side, one file each in a folder. */
export function openLayoutSnapshots(folder: URL): LayoutSnapshots {
  const fileOf = (version: string) => new URL(`${version}.json`, folder)
  return {
    versions: readdirSync(folder).map((name) => name.replace(/\.json$/, '')),
    read: (version) => JSON.parse(readFileSync(fileOf(version), 'utf8')),
    write: async (version, take) => {
      const releases: (() => Promise<void> | void)[] = []
      try {
        const layout = await take({ teardown: (release) => void releases.unshift(release) })
        writeFileSync(fileOf(version.split('.').slice(0, 2).join('.')), `${JSON.stringify(layout, null, 2)}\n`)
      } finally {
        for (const release of releases) await release()
      }
    }
  }
}
