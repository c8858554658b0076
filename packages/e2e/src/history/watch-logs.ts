import type { TestScope } from '@latchkey/testing/stores'
import type { Environment } from '../environment.ts'
import { createLeakCheck, watchLogs } from '../leaks.ts'
import { PASSWORD_MARK } from './account.ts'

/** The test fails when a secret of this environment is in a log of the folder, or a password of its people. */
export function watchPlatformLogs(t: TestScope, folder: string, environment: Environment): void {
  const leaks = createLeakCheck(environment)
  leaks.remember(PASSWORD_MARK)
  watchLogs(t, folder, leaks)
}
