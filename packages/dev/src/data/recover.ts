import { endProcesses } from '../processes/end-processes.ts'
import { findState, type State } from './state.ts'

const graceMs = 10_000

/**
 * Ends what a launcher that was ended by force has left, so that its data can be opened again; only for the holder of the
 * lock. Answers the last state, whose ports are taken again.
 */
export async function recover(dataFolder: string): Promise<State | undefined> {
  const state = findState(dataFolder)
  await endProcesses(state?.processes ?? [], graceMs)
  return state
}
