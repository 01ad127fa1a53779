import { expect, it } from 'vitest'
import { readIssuerFile } from './issuer-file.ts'

const least = 'issuer: https://login.example\naudience: dure\njwks: https://login.example/keys\n'

it('needs three lines, and gives nobody a role by itself', () => {
  expect(readIssuerFile(least)).toEqual({
    ok: true,
    issuer: {
      issuer: 'https://login.example',
      audience: 'dure',
      jwks: 'https://login.example/keys',
      algorithms: ['RS256', 'ES256'],
      user: 'sub',
      roles: [],
      clock_tolerance_s: 30,
      age_max_s: 43_200,
    },
  })
})

it.each([
  ['algorithms: [RS256, HS256]', 4, '`algorithms.1` must be one of RS256'],
  ['algorithms: [none]', 4, '`algorithms.0` must be one of RS256'],
  ['algorithms: []', 4, '`algorithms` must have at least 1 item'],
  ['default_role: root', 4, '`default_role` must be one of researcher'],
  ['default_roll: researcher', 4, 'Did you mean `default_role`?'],
  ['clock_tolerance_s: 3600', 4, 'must be at most 300'],
  ['age_max_s: 999999', 4, 'must be at most 86400'],
  ['roles:\n  - { claim: groups, role: operator }', 5, 'is missing'],
])('refuses %j and says where', (line, at, sentence) => {
  const read = readIssuerFile(`${least}${line}\n`)
  const findings = read.ok ? [] : read.findings
  expect(findings.map((finding) => finding.line)).toEqual([at])
  expect(findings[0]?.detail.replace('[0]', '.0').replace('[1]', '.1')).toContain(sentence)
})

it.each([
  ['http://login.example/keys', false],
  ['http://169.254.169.254/keys', false],
  ['http://localhost.example/keys', false],
  ['https://user:secret@login.example/keys', false],
  ['file:///etc/passwd', false],
  ['keys', false],
  ['http://127.0.0.1:8081/keys', true],
  ['http://[::1]:8081/keys', true],
  ['http://localhost:8081/keys', true],
])('takes keys from %j: %j', (jwks, ok) => {
  expect(readIssuerFile(least.replace('https://login.example/keys', jwks)).ok).toBe(ok)
})
