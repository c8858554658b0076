import { createHash } from 'node:crypto'
import { type ErrorCode, errorCatalogue, type Result } from '@latchkey/contracts/errors'
import { Html, html } from '@latchkey/runtime/html'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { accepts } from './accept.ts'
import { CallError } from './errors.ts'

/** What somebody sees who has followed a link in a mail. */
export interface LinkPage {
  readonly title: string
  readonly paragraphs: readonly string[]
  /** What the page's form asks for beside its button; without a label there is no form. */
  readonly form?: { readonly button: string; readonly fields?: Html }
}

/** The answer 200 of a route that answers with a page. */
export const PageResponse = { description: 'A page', content: { 'text/html': { schema: Type.String() } } }

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:32rem;margin:12vh auto;padding:0 1.5rem}
h1{font-size:1.5rem;line-height:1.3}
label,input{display:block;box-sizing:border-box;width:100%}
input{margin:.25rem 0 1rem;padding:.6rem;font:inherit;border:1px solid #8a94a3;border-radius:.5rem}
button{padding:.7rem 1.2rem;font:inherit;font-weight:600;color:#fff;background:#1f5fd1;border:0;border-radius:.5rem}`

/** The page may show its own style and send its form here: nothing else, and no script at all. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'"
].join('; ')

export function sendPage(reply: FastifyReply, status: number, page: LinkPage): FastifyReply {
  return reply
    .code(status)
    .header('content-security-policy', POLICY)
    .type('text/html; charset=utf-8')
    .send(renderPage(page).text)
}

function renderPage({ title, paragraphs, form }: LinkPage): Html {
  // The form goes to the address of the page, token and all, so that the token is nowhere in it.
  const ask = form && html`<form method="post">${form.fields ?? []}<button>${form.button}</button></form>`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<h1>${title}</h1>
${paragraphs.map((text) => html`<p>${text}</p>`)}
${ask ?? []}
</body>
</html>
`
}

/**
 * Answers what a link was used for: 204 or a problem document to a program, a page to a person. `page` is what they see
 * when it went well, `again` when they may try again with something else.
 */
export function answerLink(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  result: Result<unknown, ErrorCode>,
  { page, again }: { readonly page: LinkPage; readonly again?: LinkPage }
): FastifyReply {
  const isPerson = accepts(headers.accept, 'text/html')
  if (result.ok) return isPerson ? sendPage(reply, 200, page) : reply.code(204).send(null)
  const { status, title } = errorCatalogue[result.code]
  if (!isPerson || status >= 500) throw new CallError(result)
  if (result.code !== 'invalid_request' || again === undefined)
    return sendPage(reply, status, { title, paragraphs: [] })
  const faults = result.details.errors.map(({ message }) => `This ${message}.`)
  return sendPage(reply, status, { ...again, paragraphs: [...faults, ...again.paragraphs] })
}

const FORM_LIMIT_BYTES = 16 * 1024

/** Lets pages of this scope send their forms, which only browsers do; without fields to read nothing of them is kept. */
export function acceptForms(app: FastifyInstance, { fields }: { readonly fields: boolean }): void {
  const options = { parseAs: 'string', bodyLimit: FORM_LIMIT_BYTES } as const
  app.addContentTypeParser('application/x-www-form-urlencoded', options, (_request, body, done) => {
    done(null, fields ? Object.fromEntries(new URLSearchParams(String(body))) : undefined)
  })
}
