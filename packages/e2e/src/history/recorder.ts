import { readChange } from './change-profile.ts'
import { type Answered, readJson } from './gateway-client.ts'
import type { Change, Disturbance, End, History, Outcome, Recovery, Use } from './history.ts'

/** Writes the history down as it happens. */
export class Recorder {
  readonly #gateways: number
  readonly #uses: Use[] = []
  readonly #ends: End[] = []
  readonly #changes: Change[] = []
  readonly #disturbances: Disturbance[] = []
  /** When each session was over, as far as that is known. */
  readonly #over = new Map<string, number>()
  #recovery: Recovery | undefined
  #hasBreach = false

  constructor(gateways: number) {
    this.#gateways = gateways
  }

  /** Whether a use was accepted after the end of its session: no need to go on. */
  get hasBreach(): boolean {
    return this.#hasBreach
  }

  noteUse(use: Omit<Use, 'start' | 'end' | 'outcome' | 'detail' | 'change'>, answered: Answered): Outcome {
    const { start, end, status, text } = answered
    const outcome = outcomeOf(status)
    const detail = outcome === 'accepted' ? '200' : `${status} ${readJson(text).code ?? text.slice(0, 80)}`
    const shown = outcome === 'accepted' && use.kind === 'use' ? { change: readChange(text) } : {}
    this.#uses.push({ ...use, start, end, outcome, detail, ...shown })
    if (outcome === 'accepted' && start > (this.#over.get(use.session) ?? Number.POSITIVE_INFINITY)) {
      this.#hasBreach = true
    }
    return outcome
  }

  noteEnd(end: End): void {
    this.#ends.push(end)
    if (end.outcome !== 'ok') return
    for (const session of end.sessions) if (!this.#over.has(session)) this.#over.set(session, end.end)
  }

  noteChange(change: Change): void {
    this.#changes.push(change)
  }

  noteDisturbance(disturbance: Disturbance): void {
    this.#disturbances.push(disturbance)
  }

  noteRecovery(recovery: Recovery): void {
    this.#recovery = recovery
  }

  get history(): History {
    return {
      uses: this.#uses,
      ends: this.#ends,
      changes: this.#changes,
      disturbances: this.#disturbances,
      recovery: this.#recovery,
      gateways: this.#gateways
    }
  }
}

function outcomeOf(status: number): Outcome {
  if (status === 0) return 'unknown'
  if (status >= 200 && status < 300) return 'accepted'
  if (status === 401 || status === 403) return 'refused'
  return status === 503 ? 'unavailable' : 'improper'
}
