import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { createOriginRule, type OriginRule } from '../origin-rule.ts'

declare module 'fastify' {
  interface FastifyInstance {
    originRule: OriginRule
  }
}

export interface CrossOriginOptions {
  readonly publicUrl: string
  readonly allowedOrigins: readonly string[]
}

const PREFLIGHT_SECONDS = 600

/** Lets pages of the allowed origins read answers (CORS), and says which origins may change anything by cookie. */
export const crossOrigin = fp(
  async (app: FastifyInstance, { publicUrl, allowedOrigins }: CrossOriginOptions) => {
    app.decorate('originRule', createOriginRule(publicUrl, allowedOrigins))
    if (allowedOrigins.length === 0) {
      app.addHook('onRequest', (_request, reply, done) => {
        reply.header('vary', 'Origin')
        done()
      })
      return
    }
    await app.register(cors, {
      origin: [...allowedOrigins],
      credentials: true,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['authorization', 'content-type', 'x-request-id', 'traceparent', 'latchkey-background'],
      exposedHeaders: ['x-request-id', 'retry-after'],
      maxAge: PREFLIGHT_SECONDS,
      strictPreflight: false
    })
  },
  { name: 'cross-origin' }
)
