/** The three parts of a JSON Web Token in its compact form. */
export interface TokenParts {
  readonly header: string
  readonly payload: string
  readonly signature: string
}

export function splitToken(token: string): TokenParts {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return { header, payload, signature }
}

export function joinToken({ header, payload, signature }: TokenParts): string {
  return `${header}.${payload}.${signature}`
}

/** What a part says, unverified. */
export function decodePart(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString())
}

export function encodePart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** The same length and alphabet, and yet another signature. */
export function alterSignature(signature: string): string {
  return `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
}

/** Header fields that name nobody: no scheme, no token, another scheme, forged or unsigned tokens. */
export function listBadAuthorizations(token: string): string[] {
  const parts = splitToken(token)
  const claims = decodePart(parts.payload)
  const forged = [
    joinToken({ ...parts, signature: alterSignature(parts.signature) }),
    joinToken({ ...parts, signature: '' }),
    joinToken({ ...parts, payload: encodePart({ ...claims, sub: '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21' }) }),
    joinToken({ ...parts, header: encodePart({ alg: 'none', typ: 'at+jwt' }), signature: '' }),
    joinToken({ ...parts, header: encodePart({ ...decodePart(parts.header), alg: 'HS256' }) }),
    joinToken({ ...parts, header: encodePart({ ...decodePart(parts.header), kid: 'unknown' }) })
  ]
  return [
    'Bearer',
    'Bearer  ',
    'Bearer x',
    'Bearer a.b.c',
    `Bearer ${parts.payload}`,
    `Bearer ${token} ${token}`,
    `Basic ${token}`,
    token,
    ...forged.map((each) => `Bearer ${each}`)
  ]
}
