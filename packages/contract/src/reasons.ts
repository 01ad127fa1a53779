// Why a job waits, and why a submit was refused, in one plain sentence with its numbers, and a way out. The codes and
// numbers come from the core; here is only the wording.

import type { RefusalCode, WaitReason } from '@dure/core'
import { withParticle } from './korean.ts'
import type { Bilingual } from './language.ts'
import { formatDuration, formatWatts } from './quantity.ts'

/** A reason as people read it; `numbers` are the reason's own, in the names of the HTTP interface. */
export interface WordedReason {
  readonly code: string
  readonly sentence: Bilingual
  readonly way_out: Bilingual
  readonly numbers: Readonly<Record<string, number | string>>
}

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

/** How long until `ms`, or "any moment" once it has passed. */
function until(ms: number, atMs: number): Bilingual {
  if (ms <= atMs) return { ko: '곧', en: 'any moment' }
  const duration = formatDuration(Math.ceil((ms - atMs) / 1000) * 1000)
  return { ko: `${duration} 뒤`, en: `in ${duration}` }
}

/** Words one wait reason as of center time `atMs`. */
export function wordWaitReason(reason: WaitReason, atMs: number): WordedReason {
  switch (reason.code) {
    case 'JobHeldUser':
      return {
        code: reason.code,
        sentence: { ko: '제출자가 보류한 작업입니다.', en: 'Its owner holds it.' },
        way_out: {
          ko: '`dure release`로 보류를 풀면 차례에 들어갑니다.',
          en: 'Release it with `dure release` and it takes its turn.',
        },
        numbers: {},
      }
    case 'JobHeldAdmin':
      return {
        code: reason.code,
        sentence: { ko: '운영자가 보류한 작업입니다.', en: 'An operator holds it.' },
        way_out: { ko: '운영자에게 해제를 요청하십시오.', en: 'Ask an operator to release it.' },
        numbers: {},
      }
    case 'Resources': {
      const { pool, nodesNeeded, nodesFree, acceleratorsFree } = reason
      return {
        code: reason.code,
        sentence: {
          ko: `${pool} 풀에서 노드 ${nodesNeeded}개가 동시에 필요한데 지금 쓸 수 있는 노드는 ${nodesFree}개입니다(빈 가속기 ${acceleratorsFree}개).`,
          en: `It needs ${plural(nodesNeeded, 'node')} of pool ${pool} at once; ${nodesFree} could take it now (${plural(acceleratorsFree, 'accelerator')} free).`,
        },
        way_out:
          nodesFree > 0
            ? {
                ko: `노드를 ${nodesFree}개 이하로 줄이거나 다른 풀도 허용하면 더 일찍 시작할 수 있습니다.`,
                en: `With ${plural(nodesFree, 'node')} or fewer, or with other pools allowed, it could start sooner.`,
              }
            : {
                ko: '노드당 가속기를 줄이거나 다른 풀도 허용하면 더 일찍 시작할 수 있습니다.',
                en: 'With fewer accelerators per node, or with other pools allowed, it could start sooner.',
              },
        numbers: { pool, nodes_needed: nodesNeeded, nodes_free: nodesFree, accelerators_free: acceleratorsFree },
      }
    }
    case 'Priority': {
      const { pool, jobsAhead, jobAhead } = reason
      return {
        code: reason.code,
        sentence: {
          ko: `${pool} 풀에서 먼저 차례가 오는 작업이 ${jobsAhead}개 있습니다. 맨 앞은 작업 ${jobAhead}입니다.`,
          en: `${plural(jobsAhead, 'job')} ${jobsAhead === 1 ? 'comes' : 'come'} first in pool ${pool}; the first of them is job ${jobAhead}.`,
        },
        way_out: {
          ko: '시간 제한을 실제에 가깝게 줄이면 빈틈에 먼저 들어갈 수 있습니다. 순서는 계정의 배분과 최근 사용량을 따릅니다.',
          en: 'A shorter, truthful time limit may let it slip into a gap. The order follows the shares and recent usage of accounts.',
        },
        numbers: { pool, jobs_ahead: jobsAhead, job_ahead: jobAhead },
      }
    }
    case 'Reservation': {
      const { pool, job, startMs } = reason
      const when = until(startMs, atMs)
      return {
        code: reason.code,
        sentence: {
          ko: `자리는 있지만 지금 시작하면 ${when.ko} 시작하기로 약속된 작업 ${withParticle(String(job), '이')} 늦어집니다(${pool} 풀).`,
          en: `It would fit in pool ${pool} now, but would delay job ${job}, which is promised a start ${when.en}.`,
        },
        way_out:
          startMs > atMs
            ? {
                ko: `시간 제한을 ${formatDuration(Math.floor((startMs - atMs) / 1000) * 1000)} 이하로 줄이면 그 전에 끝나므로 시작할 수 있습니다.`,
                en: `With a time limit of ${formatDuration(Math.floor((startMs - atMs) / 1000) * 1000)} or less it would be done before then and could start.`,
              }
            : {
                ko: '그 작업이 시작되면 다시 차례를 봅니다.',
                en: 'It is considered again as soon as that job has started.',
              },
        numbers: { pool, job, start_at_ms: startMs },
      }
    }
    case 'ReqNodeNotAvail': {
      const { pool, nodesOut } = reason
      return {
        code: reason.code,
        sentence: {
          ko: `${pool} 풀의 노드 ${nodesOut}개가 점검 또는 장애로 빠져 있어, 남은 노드만으로는 시작할 수 없습니다.`,
          en: `${plural(nodesOut, 'node')} of pool ${pool} ${nodesOut === 1 ? 'is' : 'are'} drained or down, and what remains cannot hold it.`,
        },
        way_out: {
          ko: '노드가 돌아오면 시작할 수 있습니다. 노드 수를 줄이거나 다른 풀도 허용하면 기다리지 않아도 됩니다.',
          en: 'It can start once they are back. Fewer nodes, or other pools allowed, need not wait for them.',
        },
        numbers: { pool, nodes_out: nodesOut },
      }
    }
    case 'PowerNotAvail': {
      const { pool, capW, drawW, idleW, neededW } = reason
      const [cap, draw, needed] = [capW, drawW, neededW].map(formatWatts)
      const short = formatWatts(drawW + neededW - capW)
      return {
        code: reason.code,
        sentence: {
          ko: `${pool} 풀에서 시작하면 ${needed}가 더 필요한데, 센터는 전력 상한 ${cap} 가운데 이미 ${draw}를 쓰고 있어 ${short}가 모자랍니다.`,
          en: `In pool ${pool} it would draw ${needed} more; with ${draw} of the power cap of ${cap} in use, that is ${short} too much.`,
        },
        way_out:
          idleW + neededW > capW
            ? {
                ko: '이 상한에서는 센터가 비어도 시작할 수 없습니다. 가속기를 줄이거나 운영자에게 상한을 높여 달라고 요청하십시오.',
                en: 'Under this cap it could not start even on an idle center: ask for fewer accelerators, or ask an operator for a higher cap.',
              }
            : {
                ko: '실행 중인 작업이 끝나 전력이 남으면 시작합니다. 가속기를 줄이거나 전력을 덜 쓰는 풀도 허용하면 더 일찍 시작할 수 있습니다.',
                en: 'It starts when running jobs have ended and left the watts. With fewer accelerators, or with pools allowed that draw less, it could start sooner.',
              },
        numbers: { pool, cap_w: capW, draw_w: drawW, idle_w: idleW, needed_w: neededW },
      }
    }
    case 'OwedElsewhere': {
      const { pool, owedPool } = reason
      const [held, due] = [reason.acceleratorsHeldMilli, reason.acceleratorsDueMilli].map((milli) => milli / 1000) as [
        number,
        number,
      ]
      return {
        code: reason.code,
        sentence: {
          ko: `${pool} 풀에 자리가 있지만 ${owedPool} 풀에서 받을 몫이 더 있어(평균 ${due}개, 지금 ${held}개), 거기서 시작할 차례를 기다립니다.`,
          en: `There is room in pool ${pool}, but pool ${owedPool} owes its user more (${due} on the average, ${held} now), and it waits for the start that it, or one like it, is owed there.`,
        },
        way_out: {
          ko: `${pool} 풀만 허용하면 ${owedPool} 풀을 기다리지 않습니다.`,
          en: `With pool ${pool} alone allowed it would not wait for pool ${owedPool}.`,
        },
        numbers: { pool, owed_pool: owedPool, accelerators_held: held, accelerators_due: due },
      }
    }
    case 'None':
      return {
        code: reason.code,
        sentence: {
          ko: '막는 것이 없습니다. 다음 배정에서 시작합니다.',
          en: 'Nothing stands in its way: the next pass starts it.',
        },
        way_out: { ko: '할 일이 없습니다.', en: 'There is nothing to do.' },
        numbers: {},
      }
    default: {
      const never: never = reason
      return never
    }
  }
}

/** A refusal's sentence and way out. `names` fills in what is known of the submit. */
export function wordRefusal(code: RefusalCode, names: { account?: string; user?: string } = {}): WordedReason {
  const worded = (sentence: Bilingual, way_out: Bilingual): WordedReason => ({
    code,
    sentence,
    way_out,
    numbers: names,
  })
  const { account, user } = names
  switch (code) {
    case 'InvalidAccount':
      return worded(
        account === undefined || user === undefined
          ? { ko: '사용자가 그 계정에 속해 있지 않습니다.', en: 'The user does not belong to the account.' }
          : {
              ko: `사용자 ${withParticle(user, '은')} 계정 ${account}에 속해 있지 않습니다.`,
              en: `User ${user} does not belong to account ${account}.`,
            },
        {
          ko: '`dure shares`에서 계정을 확인하거나 관리자에게 등록을 요청하십시오.',
          en: 'See the accounts with `dure shares`, or ask an administrator to add the user.',
        },
      )
    case 'InvalidPool':
      return worded(
        { ko: '요청한 풀이 이 센터에 없습니다.', en: 'A pool it asks for does not exist in this center.' },
        { ko: '`dure pools`에서 이름을 확인하십시오.', en: 'See the names with `dure pools`.' },
      )
    case 'BadConstraints':
      return worded(
        {
          ko: '허용한 풀이 모두 비어 있어도 이 요청을 담을 수 없습니다.',
          en: 'None of its pools could hold it, even when empty.',
        },
        {
          ko: '노드 수나 노드당 자원을 줄이거나 더 큰 풀을 고르십시오.',
          en: 'Ask for fewer nodes or less per node, or choose a larger pool.',
        },
      )
    case 'BadRequest':
      return worded(
        { ko: '요청한 크기가 말이 되지 않습니다.', en: 'The sizes it asks for make no sense.' },
        {
          ko: '노드, 가속기, CPU, 메모리, 시간 제한을 확인하십시오.',
          en: 'Check its nodes, accelerators, CPUs, memory and time limit.',
        },
      )
    case 'DuplicateJob':
      return worded(
        { ko: '같은 번호의 작업이 이미 있습니다.', en: 'A job with this number exists already.' },
        { ko: '`dure show`로 그 작업을 확인하십시오.', en: 'Look at that job with `dure show`.' },
      )
    case 'UnknownJob':
      return worded(
        { ko: '그런 작업이 없습니다.', en: 'There is no such job.' },
        { ko: '`dure queue`에서 번호를 확인하십시오.', en: 'See the numbers with `dure queue`.' },
      )
    case 'UnknownNode':
      return worded(
        { ko: '그런 노드가 없습니다.', en: 'There is no such node.' },
        { ko: '`dure nodes`에서 이름을 확인하십시오.', en: 'See the names with `dure nodes`.' },
      )
    case 'NotAllowed':
      return worded(
        {
          ko: '운영자가 보류한 작업은 제출자가 풀 수 없습니다.',
          en: 'Its owner cannot release a job that an operator holds.',
        },
        { ko: '운영자에게 해제를 요청하십시오.', en: 'Ask an operator to release it.' },
      )
    case 'UnknownWatts':
      return worded(
        {
          ko: '이 센터의 정책에는 노드가 쓰는 전력이 적혀 있지 않습니다.',
          en: 'The policy of this center does not say what its nodes draw.',
        },
        {
          ko: '센터 파일의 `policy.power`에 풀마다 전력을 적고 센터를 다시 시작하십시오.',
          en: 'Say in `policy.power` of the center file what each pool draws, and start the center anew.',
        },
      )
    default: {
      const never: never = code
      return never
    }
  }
}

const stateSummaries: Readonly<Record<string, Bilingual>> = {
  accepted: {
    ko: '접수되었습니다. 다음 반영에서 대기열에 들어갑니다.',
    en: 'It is accepted and enters the queue with the next commit.',
  },
  PENDING: { ko: '대기 중입니다.', en: 'It waits.' },
  RUNNING: { ko: '실행 중입니다. 기다리지 않습니다.', en: 'It is running and does not wait.' },
  COMPLETED: { ko: '정상적으로 끝났습니다.', en: 'It has completed.' },
  FAILED: { ko: '실패로 끝났습니다.', en: 'It has failed.' },
  CANCELLED: { ko: '취소되었습니다.', en: 'It was cancelled.' },
  TIMEOUT: { ko: '시간 제한에 걸려 끝났습니다.', en: 'It ran into its time limit.' },
  NODE_FAIL: { ko: '노드 장애로 끝났습니다.', en: 'It ended with its node.' },
}

/** One sentence on where a job stands; for a waiting one, its first reason. */
export function summarize(state: string, reasons: readonly WordedReason[]): Bilingual {
  return reasons[0]?.sentence ?? stateSummaries[state] ?? { ko: `상태는 ${state}입니다.`, en: `Its state is ${state}.` }
}
