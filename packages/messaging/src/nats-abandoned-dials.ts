import { NodeTransport } from 'nats/lib/src/node_transport.js'

const abandoned = new WeakSet<NodeTransport>()
let isEnded = false

/**
 * A dial that the driver gives up for want of an answer it leaves open. When a server that hung wakes, it answers that
 * one too, and soon ends it since it says nothing; the driver takes this for the end of its connection and dials once
 * more beside the good one. It then listens on both and speaks on one: the server hands half of all requests to
 * the other, and refuses the replies. So what is given up is ended for good here, whatever comes of it later.
 */
export function endAbandonedDials(): void {
  if (isEnded) return
  isEnded = true
  const { close, setupHandlers } = NodeTransport.prototype
  NodeTransport.prototype.close = async function (this: NodeTransport, err?: Error): Promise<void> {
    if (!this.connected) {
      abandoned.add(this)
      // Not there yet where the server has not even taken the connection.
      this.socket?.destroy()
    }
    await close.call(this, err)
  }
  NodeTransport.prototype.setupHandlers = function (this: NodeTransport): void {
    if (abandoned.has(this)) throw new Error('the server has answered too late')
    setupHandlers.call(this)
  }
}
