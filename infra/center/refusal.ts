/** Exit codes that scripts rely on. */
export const exitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  unavailable: 69,
  badConfiguration: 78,
  interrupted: 130,
} as const

/** Why the center does not start or cannot go on: one sentence for whoever typed the command. */
export class Refusal extends Error {
  readonly exitCode: number

  constructor(sentence: string, code: number = exitCode.badConfiguration, options?: ErrorOptions) {
    super(sentence, options)
    this.name = 'Refusal'
    this.exitCode = code
  }
}
