import type { FastifyRequest } from 'fastify'

export interface OriginRule {
  /** A browser vouches that an allowed site made the request. */
  isVouchedFor(request: FastifyRequest): boolean
  /** A browser says that some other site made the request. */
  isForeign(request: FastifyRequest): boolean
}

/** Which sites may make requests that change something in a browser's name: this one, and those allowed by name. */
export function createOriginRule(publicUrl: string, allowedOrigins: readonly string[]): OriginRule {
  const origins = new Set([new URL(publicUrl).origin, ...allowedOrigins])
  const isVouchedFor = ({ headers }: FastifyRequest) =>
    headers['sec-fetch-site'] === 'same-origin' || (headers.origin !== undefined && origins.has(headers.origin))
  return {
    isVouchedFor,
    isForeign: (request) => {
      const { origin, 'sec-fetch-site': site } = request.headers
      const isMarked = origin !== undefined || site === 'cross-site' || site === 'same-site'
      return isMarked && !isVouchedFor(request)
    }
  }
}
