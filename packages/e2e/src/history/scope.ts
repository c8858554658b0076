import type { TestScope } from '@latchkey/testing/stores'

export interface Scope extends TestScope {
  /** Releases everything, and then throws what was thrown first. */
  release(): Promise<void>
}

const open = new Set<Scope>()

/** What a test would tear down, for a command: released in reverse order. */
export function createScope(): Scope {
  const releases: (() => Promise<void> | void)[] = []
  const scope: Scope = {
    teardown: (release) => void releases.push(release),
    release: async () => {
      open.delete(scope)
      const errors: unknown[] = []
      for (let release = releases.pop(); release !== undefined; release = releases.pop()) {
        try {
          await release()
        } catch (err) {
          errors.push(err)
        }
      }
      if (errors.length > 0) throw errors[0]
    }
  }
  open.add(scope)
  return scope
}

/** For a command that is told to end. */
export async function releaseAll(): Promise<void> {
  for (const scope of open) await scope.release()
}
