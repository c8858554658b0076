import process from 'node:process'

// Imported into a service that a test starts: its wall clock is off by what whoever started it says. The monotonic one goes
// on. In place before anything can take hold of the clock as it was.

const { now } = Date
let offsetMs = 0

Date.now = () => now() + offsetMs
globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [target.now()] : args, newTarget)
})

process.on('message', (message) => {
  if (typeof message === 'object' && message !== null && 'clockOffsetMs' in message) {
    offsetMs = Number(message.clockOffsetMs)
  }
})
process.channel?.unref()
