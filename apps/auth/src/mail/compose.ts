import { type Html, html } from '@latchkey/runtime/html'
import type { DueMail, Message } from '../domain/mail-ports.ts'
import { type Letter, writeLetter } from './letters.ts'

const PRODUCT = 'Latchkey'

/** Makes a mail of a letter, as text and as HTML. Its only link leads to the address people reach the platform by. */
export function createComposer(publicUrl: string): (mail: DueMail, token: string | undefined) => Message {
  const base = publicUrl.replace(/\/+$/, '')
  return (mail, token) => {
    const letter = writeLetter(mail)
    const { action } = letter
    const link = action === undefined || token === undefined ? undefined : `${base}/v1/${action.path}/${token}`
    const greeting = mail.firstName === null ? 'Hello,' : `Hello ${mail.firstName},`
    const parts = { letter, greeting, link }
    return {
      recipient: mail.recipient,
      subject: letter.subject,
      text: composeText(parts),
      html: composeHtml(parts).text,
      link
    }
  }
}

interface Parts {
  readonly letter: Letter
  readonly greeting: string
  readonly link: string | undefined
}

function composeText({ letter, greeting, link }: Parts): string {
  const action = link === undefined ? [] : [`${letter.action?.label ?? ''}:\n${link}`]
  return [greeting, ...letter.paragraphs, ...action, letter.note, `-- \n${PRODUCT}`, '']
    .join('\n\n')
    .trimEnd()
    .concat('\n')
}

function composeHtml({ letter, greeting, link }: Parts): Html {
  const paragraphs = [greeting, ...letter.paragraphs].map((text) => html`<p style="margin:0 0 16px">${text}</p>`)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>${letter.subject}</title>
</head>
<body style="margin:0;padding:32px 16px;background:#f2f4f7;color:#1d2733;font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:520px;margin:0 auto;padding:32px;background:#ffffff;border:1px solid #dfe4ea;border-radius:12px">
<p style="margin:0 0 24px;font-size:14px;font-weight:600;letter-spacing:.04em;color:#51606f">${PRODUCT}</p>
<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3">${letter.subject}</h1>
${paragraphs}
${link === undefined ? [] : composeAction(letter.action?.label ?? '', link)}
<p style="margin:24px 0 0;padding-top:16px;border-top:1px solid #dfe4ea;font-size:14px;color:#51606f">${letter.note}</p>
</div>
</body>
</html>
`
}

function composeAction(label: string, link: string): Html {
  return html`<p style="margin:24px 0"><a href="${link}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#1f5fd1;color:#ffffff;font-weight:600;text-decoration:none">${label}</a></p>
<p style="margin:0;font-size:14px;color:#51606f;overflow-wrap:anywhere">Or open this address: ${link}</p>`
}
