import type { RefusalCode, WaitReason } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { summarize, wordRefusal, wordWaitReason } from './reasons.ts'

const NOW = 1_000_000
const reasons: WaitReason[] = [
  { code: 'JobHeldUser' },
  { code: 'JobHeldAdmin' },
  { code: 'Resources', pool: 'h100', nodesNeeded: 16, nodesFree: 3, acceleratorsFree: 41 },
  { code: 'Priority', pool: 'h100', jobsAhead: 12, jobAhead: 907 },
  { code: 'Reservation', pool: 'h100', job: 912, startMs: NOW + 5_400_000 },
  { code: 'ReqNodeNotAvail', pool: 'h100', nodesOut: 2 },
  { code: 'PowerNotAvail', pool: 'h100', capW: 800, drawW: 700, idleW: 200, neededW: 300 },
  {
    code: 'OwedElsewhere',
    pool: 'rngd',
    owedPool: 'h100',
    acceleratorsHeldMilli: 3000,
    acceleratorsDueMilli: 8250,
  },
  { code: 'None' },
]

it.each(reasons)('$code says its numbers and a way out in both languages', (reason) => {
  const { sentence, way_out, numbers } = wordWaitReason(reason, NOW)
  for (const text of [sentence, way_out]) {
    expect(text.ko).toMatch(/[가-힣].*\.$/)
    expect(text.en).toMatch(/^[A-Z0-9][^가-힣]*\.$/)
  }
  for (const [name, number] of Object.entries(numbers)) {
    if (name === 'start_at_ms' || name === 'idle_w') continue
    expect(sentence.ko).toContain(String(number))
    expect(sentence.en).toContain(String(number))
  }
})

describe('wording', () => {
  const worded = (reason: WaitReason) => wordWaitReason(reason, NOW)

  it('of too little room', () => {
    expect(worded({ code: 'Resources', pool: 'h100', nodesNeeded: 16, nodesFree: 1, acceleratorsFree: 9 })).toEqual({
      code: 'Resources',
      sentence: {
        ko: 'h100 풀에서 노드 16개가 동시에 필요한데 지금 쓸 수 있는 노드는 1개입니다(빈 가속기 9개).',
        en: 'It needs 16 nodes of pool h100 at once; 1 could take it now (9 accelerators free).',
      },
      way_out: {
        ko: '노드를 1개 이하로 줄이거나 다른 풀도 허용하면 더 일찍 시작할 수 있습니다.',
        en: 'With 1 node or fewer, or with other pools allowed, it could start sooner.',
      },
      numbers: { pool: 'h100', nodes_needed: 16, nodes_free: 1, accelerators_free: 9 },
    })
  })

  it('of one job ahead', () => {
    expect(worded({ code: 'Priority', pool: 'h100', jobsAhead: 1, jobAhead: 7 }).sentence.en).toBe(
      '1 job comes first in pool h100; the first of them is job 7.',
    )
  })

  it('of a promise, with the particle that the number is read with', () => {
    const of = (job: number) => worded({ code: 'Reservation', pool: 'h100', job, startMs: NOW + 5_400_000 })
    expect(of(912).sentence.ko).toBe(
      '자리는 있지만 지금 시작하면 01:30:00 뒤 시작하기로 약속된 작업 912가 늦어집니다(h100 풀).',
    )
    expect(of(913).sentence.ko).toContain('작업 913이 늦어집니다')
    expect(of(912).way_out.en).toBe(
      'With a time limit of 01:30:00 or less it would be done before then and could start.',
    )
  })

  it('of watts that run short, in units that people use', () => {
    const short = { code: 'PowerNotAvail', pool: 'h100', capW: 2_000_000, drawW: 1_960_400, idleW: 300_000 } as const
    const wait = worded({ ...short, neededW: 61_440 })
    expect(wait.sentence).toEqual({
      ko: 'h100 풀에서 시작하면 61.4 kW가 더 필요한데, 센터는 전력 상한 2 MW 가운데 이미 1.96 MW를 쓰고 있어 21.8 kW가 모자랍니다.',
      en: 'In pool h100 it would draw 61.4 kW more; with 1.96 MW of the power cap of 2 MW in use, that is 21.8 kW too much.',
    })
    expect(wait.way_out.en).toContain('It starts when running jobs have ended')
    // 300 kW of idle nodes and 1.8 MW are more than the cap.
    expect(worded({ ...short, neededW: 1_800_000 }).way_out.en).toContain('not start even on an idle center')
  })

  it('of a promise that is due', () => {
    const due = worded({ code: 'Reservation', pool: 'h100', job: 5, startMs: NOW })
    expect(due.sentence.en).toContain('promised a start any moment')
    expect(due.way_out.en).toBe('It is considered again as soon as that job has started.')
  })
})

it.each<RefusalCode>([
  'InvalidAccount',
  'InvalidPool',
  'BadConstraints',
  'BadRequest',
  'DuplicateJob',
  'UnknownJob',
  'UnknownNode',
  'NotAllowed',
  'UnknownWatts',
])('a refusal for %s says what to do', (code) => {
  const { sentence, way_out } = wordRefusal(code)
  expect(sentence.ko).toMatch(/[가-힣].*니다\.$/)
  expect(sentence.en).toMatch(/^[A-Z][^가-힣]*\.$/)
  expect(way_out.ko).toMatch(/십시오\.$/)
  expect(way_out.en).toMatch(/^[A-Z][^가-힣]*\.$/)
})

it('names the account and user of a refusal where they are known', () => {
  expect(wordRefusal('InvalidAccount', { account: 'univ-a', user: '민서' }).sentence).toEqual({
    ko: '사용자 민서는 계정 univ-a에 속해 있지 않습니다.',
    en: 'User 민서 does not belong to account univ-a.',
  })
})

it('sums up a job in one sentence', () => {
  expect(summarize('RUNNING', []).en).toBe('It is running and does not wait.')
  expect(summarize('PENDING', [wordWaitReason({ code: 'JobHeldUser' }, NOW)]).en).toBe('Its owner holds it.')
})
