import { X509Certificate } from 'node:crypto'
import { test } from 'tap'
import { createAuthority } from '../src/certificates.ts'

test('a certificate is for its names, signed by its authority and by no other', async (t) => {
  const authority = createAuthority()
  const certificate = new X509Certificate(authority.issue('localhost', '127.0.0.1').cert)
  t.equal(certificate.checkHost('localhost'), 'localhost')
  t.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1')
  t.equal(certificate.checkHost('elsewhere'), undefined)
  t.ok(certificate.verify(new X509Certificate(authority.ca).publicKey))
  t.notOk(certificate.verify(new X509Certificate(createAuthority().ca).publicKey))
})

test('authority and certificates are good now', async (t) => {
  const authority = createAuthority()
  t.ok(new X509Certificate(authority.ca).ca)
  for (const pem of [authority.ca, authority.issue('localhost').cert]) {
    const { validFromDate, validToDate } = new X509Certificate(pem)
    t.ok(validFromDate.getTime() < Date.now() && Date.now() < validToDate.getTime())
  }
})
