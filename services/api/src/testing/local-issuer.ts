// An OpenID Connect issuer of a test's own: real keys, served over HTTP on loopback, that can be exchanged and taken away.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'

export interface LocalIssuer {
  /** `iss` of its tokens. */
  readonly name: string
  readonly jwksUrl: string
  /** Times its keys were asked for. */
  readonly asked: number
  /** From now on it signs with a new key; `keeping` the old ones on the list for those who hold tokens of theirs. */
  rotate(options: { readonly keeping: boolean }): Promise<void>
  /** Signs what is given as it is, with the newest key and its algorithm. */
  sign(claims: JWTPayload): Promise<string>
  /** The public half of the newest key, as everybody may have it. */
  publicKey(): JWK
  /** Answers nobody until `answer`. */
  fallSilent(): void
  answer(): void
  close(): Promise<void>
}

export async function startIssuer(algorithm: 'RS256' | 'ES256' = 'RS256'): Promise<LocalIssuer> {
  let keys: JWK[] = []
  let signing: { readonly id: string; readonly key: CryptoKey }
  let isSilent = false
  let asked = 0
  let made = 0

  const server = createServer((_, response) => {
    asked += 1
    if (isSilent) response.destroy()
    else response.setHeader('content-type', 'application/jwk-set+json').end(JSON.stringify({ keys }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const name = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function rotate({ keeping }: { readonly keeping: boolean }): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair(algorithm)
    const id = `key-${++made}`
    signing = { id, key: privateKey }
    keys = [{ ...(await exportJWK(publicKey)), kid: id, alg: algorithm, use: 'sig' }, ...(keeping ? keys : [])]
  }
  await rotate({ keeping: false })

  return {
    name,
    jwksUrl: `${name}/jwks`,
    get asked() {
      return asked
    },
    rotate,
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid: signing.id }).sign(signing.key),
    publicKey: () => keys[0]!,
    fallSilent: () => {
      isSilent = true
    },
    answer: () => {
      isSilent = false
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
