import type { OwnScenario, Scenario } from './scenario.ts'
import { certificatesRenewed } from './scenarios/certificates.ts'
import { clientScenarios } from './scenarios/clients.ts'
import { clockScenarios } from './scenarios/clocks.ts'
import { crashDuringBlocking } from './scenarios/crash-during-blocking.ts'
import { crashDuringSignIns } from './scenarios/crash-during-sign-ins.ts'
import { crashScenarios } from './scenarios/crashes.ts'
import { databaseScenarios } from './scenarios/databases.ts'
import { redisEmptied } from './scenarios/emptied.ts'
import { endingScenarios } from './scenarios/endings.ts'
import { laterVersion } from './scenarios/later-version.ts'
import { linkScenarios } from './scenarios/links.ts'
import { overloadScenarios } from './scenarios/overload.ts'
import { passwordsRenewed } from './scenarios/passwords.ts'
import { processScenarios } from './scenarios/processes.ts'
import { readOverloads } from './scenarios/read-overload.ts'
import { restartScenarios } from './scenarios/restarts.ts'
import { rightScenarios } from './scenarios/rights.ts'
import { redisRolledBack } from './scenarios/rolled-back.ts'
import { serviceScenarios } from './scenarios/services.ts'
import { storeScenarios } from './scenarios/stores.ts'

/** Everything that is made to go wrong, in the order in which it runs. */
export const CATALOGUE: readonly (Scenario | OwnScenario)[] = [
  ...storeScenarios,
  redisEmptied,
  redisRolledBack,
  ...databaseScenarios,
  ...serviceScenarios,
  ...crashScenarios,
  ...linkScenarios,
  ...rightScenarios,
  laterVersion,
  ...endingScenarios,
  ...overloadScenarios,
  ...readOverloads,
  ...clientScenarios,
  ...clockScenarios,
  ...processScenarios,
  ...restartScenarios,
  certificatesRenewed,
  passwordsRenewed,
  crashDuringBlocking,
  crashDuringSignIns
]
