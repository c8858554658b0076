import Type from 'typebox'

/** A JSON Web Key Set (RFC 7517): public keys only. */
export const KeySet = Type.Object({
  keys: Type.Array(
    Type.Object(
      {
        kid: Type.String({ maxLength: 64 }),
        kty: Type.String({ maxLength: 8 }),
        alg: Type.String({ maxLength: 8 }),
        use: Type.Literal('sig')
      },
      { additionalProperties: Type.String({ maxLength: 2048 }) }
    ),
    { maxItems: 20 }
  )
})
