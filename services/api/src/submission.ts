// Accepting what people ask for. A submit is numbered durably, then queued durably, then answered 202; whatever dies in
// between, the same request with the same Idempotency-Key goes on under the same number.

import { admissionOf, commandIdOf, type JobAccepted, type SubmitJob } from '@dure/contract'
import type { Command, SubmitCommand } from '@dure/core'
import type { Ports, ReadModel } from '@dure/engine'
import type { AcceptedJobs } from './accepted-jobs.ts'
import type { Idempotency } from './idempotency.ts'
import type { Caller } from './keys.ts'
import type { Room } from './room.ts'
import { Trouble } from './trouble.ts'

interface Submission {
  readonly accepted: JobAccepted
  /** The answer to an earlier request with the same key. */
  readonly isReplay: boolean
}

export interface Submissions {
  submit(job: SubmitJob, caller: Caller, idempotency: Idempotency | undefined): Promise<Submission>
  /**
   * Queues a command about something that exists; returns the command's id. `first` is done before, and hears the id; where it fails
   * nothing is queued.
   */
  act(command: Exclude<Command, SubmitCommand>, first?: (id: string) => Promise<void>): Promise<string>
}

export interface SubmissionOptions {
  readonly ports: Pick<Ports, 'intake' | 'commands'>
  readonly model: ReadModel
  readonly room: Room
  readonly accepted: AcceptedJobs
  /** Hears of trouble that changes nothing for the caller. */
  readonly warn: (error: unknown, what: string) => void
}

export function submissions({ ports, model, room, accepted, warn }: SubmissionOptions): Submissions {
  const { intake, commands } = ports
  /** Requests with an Idempotency-Key that are under way here: the same request waits for the first one's answer. */
  const underWay = new Map<string, { readonly bodyHash: string; readonly answer: Promise<Submission> }>()
  let admission: { readonly config: object; readonly admit: ReturnType<typeof admissionOf> } | undefined

  function admit(job: SubmitJob, user: string): Omit<SubmitCommand, 'job' | 'type'> {
    const config = model.center?.config
    if (config === undefined) throw new Trouble('ERR_CATCHING_UP', { retryAfterS: 1 })
    if (admission?.config !== config) admission = { config, admit: admissionOf(config) }
    const outcome = admission.admit(job, user)
    if (outcome.kind === 'admitted') return outcome.command
    const { code, pointer, detail } = outcome
    throw new Trouble(code, {
      detail,
      findings: (language) => [{ pointer, code: code.slice('ERR_'.length).toLowerCase(), detail: detail[language] }],
    })
  }

  async function submit(job: SubmitJob, caller: Caller, idempotency: Idempotency | undefined): Promise<Submission> {
    const user = userOf(job, caller)
    const admitted = admit(job, user)
    if (idempotency === undefined) return room.forCommand(() => acceptAs(admitted, undefined))

    const { scope, key, bodyHash } = idempotency
    const name = JSON.stringify([scope, key])
    const first = underWay.get(name)
    if (first !== undefined) {
      if (first.bodyHash !== bodyHash) throw new Trouble('ERR_IDEMPOTENCY_MISMATCH')
      return { ...(await first.answer), isReplay: true }
    }
    const answer = room.forCommand(() => acceptAs(admitted, idempotency))
    underWay.set(name, { bodyHash, answer })
    try {
      return await answer
    } finally {
      underWay.delete(name)
    }
  }

  async function acceptAs(
    admitted: Omit<SubmitCommand, 'job' | 'type'>,
    idempotency: Idempotency | undefined,
  ): Promise<Submission> {
    const reserved = await intake.reserve({
      ...(idempotency !== undefined && { idempotency }),
      // The number is not known yet; whoever reads the record knows it from its place.
      accepted: { type: 'submit', job: 1, ...admitted },
    })
    if (reserved.kind === 'mismatch') throw new Trouble('ERR_IDEMPOTENCY_MISMATCH')
    const { seq } = reserved
    if (reserved.kind === 'replay') return { accepted: reserved.response as JobAccepted, isReplay: true }

    // `pending` is a request that was cut short, or one under way elsewhere: a command is never carried out twice under
    // one id, so that sending it again is right in both cases.
    const command: SubmitCommand = { type: 'submit', job: seq, ...admitted }
    await commands.send({ id: commandIdOf(seq), seq, command })
    accepted.add(command)
    const answer = acceptedAnswer(seq)
    if (idempotency !== undefined) {
      intake
        .settle(idempotency.scope, idempotency.key, answer)
        .catch((error) =>
          warn(error, `the answer for job ${seq} was not stored; a repeat is sent again under its number`),
        )
    }
    return { accepted: answer, isReplay: reserved.kind === 'pending' }
  }

  return {
    submit,
    act: (command, first) =>
      room.forCommand(async () => {
        const reserved = await intake.reserve({})
        if (reserved.kind !== 'reserved') throw new Error(`a number without a key was answered ${reserved.kind}`)
        const id = commandIdOf(reserved.seq)
        await first?.(id)
        await commands.send({ id, seq: reserved.seq, command })
        return id
      }),
  }
}

function userOf(job: SubmitJob, caller: Caller): string {
  if (job.user === undefined || job.user === caller.user) return caller.user
  if (caller.role === 'administrator') return job.user
  throw new Trouble('ERR_ROLE', {
    detail: {
      ko: `다른 사용자(${job.user})의 작업은 administrator 역할만 제출할 수 있습니다.`,
      en: `Only an administrator submits for another user (${job.user}).`,
    },
  })
}

const acceptedAnswer = (job: number): JobAccepted => ({
  id: job,
  state: 'accepted',
  links: { self: `/v1/jobs/${job}`, explain: `/v1/jobs/${job}/explain` },
})
