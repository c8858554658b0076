import type { OwnScenario, Scenario } from './scenario.ts'
import { linkScenarios } from './scenarios/links.ts'
import { serviceScenarios } from './scenarios/services.ts'
import { storeScenarios } from './scenarios/stores.ts'

/** Everything that is made to go wrong, in the order in which it runs. */
export const CATALOGUE: readonly (Scenario | OwnScenario)[] = [...storeScenarios, ...serviceScenarios, ...linkScenarios]
