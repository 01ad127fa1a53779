// What `dure` can do: one row a command. A command's file is read only when it is asked for.

import type { Bilingual, Language } from '@dure/contract'
import type { Command } from 'commander'

/** Adds arguments, options and the action to a command that has its name and summary. */
type Declare = (command: Command, language: Language) => void

export interface Verb {
  readonly name: string
  readonly summary: Bilingual
  readonly group: 'jobs' | 'center' | 'policy' | 'slurm'
  readonly isHidden?: boolean
  readonly load: () => Promise<{ readonly declare: Declare }>
}

export const groupTitles: Readonly<Record<Verb['group'], Bilingual>> = {
  jobs: { ko: '작업:', en: 'Jobs:' },
  center: { ko: '센터:', en: 'The center:' },
  policy: { ko: '정책과 시뮬레이션 (센터 없이):', en: 'Policies and simulation (no center needed):' },
  slurm: { ko: 'Slurm 이름과 열:', en: 'By their Slurm names, with Slurm’s columns:' },
}

export const verbs: readonly Verb[] = [
  {
    name: 'submit',
    group: 'jobs',
    summary: {
      ko: '작업 제출: 옵션, YAML 또는 #SBATCH 스크립트',
      en: 'submit a job: flags, YAML or an #SBATCH script',
    },
    load: () => import('./commands/submit.ts'),
  },
  {
    name: 'queue',
    group: 'jobs',
    summary: { ko: '대기 중이거나 실행 중인 작업', en: 'jobs that wait and run' },
    load: () => import('./commands/queue.ts'),
  },
  {
    name: 'show',
    group: 'jobs',
    summary: { ko: '작업 하나의 모든 것', en: 'all about one job' },
    load: () => import('./commands/show.ts'),
  },
  {
    name: 'explain',
    group: 'jobs',
    summary: { ko: '왜 기다리는지, 무엇이 도움이 되는지', en: 'why a job waits, and what would help' },
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'cancel',
    group: 'jobs',
    summary: { ko: '작업 취소', en: 'cancel jobs' },
    load: () => import('./commands/cancel.ts'),
  },
  {
    name: 'hold',
    group: 'jobs',
    summary: { ko: '대기 작업 보류', en: 'keep waiting jobs from starting' },
    load: () => import('./commands/hold.ts'),
  },
  {
    name: 'release',
    group: 'jobs',
    summary: { ko: '보류 해제', en: 'let held jobs start again' },
    load: () => import('./commands/release.ts'),
  },
  {
    name: 'pools',
    group: 'center',
    summary: { ko: '풀과 남은 가속기', en: 'pools, and how much of them is free' },
    load: () => import('./commands/pools.ts'),
  },
  {
    name: 'nodes',
    group: 'center',
    summary: { ko: '노드와 그 위의 작업', en: 'nodes, and the jobs on them' },
    load: () => import('./commands/nodes.ts'),
  },
  {
    name: 'drain',
    group: 'center',
    summary: { ko: '노드에 새 작업을 받지 않음', en: 'let nodes finish their jobs and take no more' },
    load: () => import('./commands/drain.ts'),
  },
  {
    name: 'resume',
    group: 'center',
    summary: { ko: '노드를 다시 사용', en: 'put nodes back into service' },
    load: () => import('./commands/resume.ts'),
  },
  {
    name: 'power-cap',
    group: 'center',
    summary: { ko: '센터 전체의 전력 상한', en: 'how much the whole center may draw' },
    load: () => import('./commands/power-cap.ts'),
  },
  {
    name: 'shares',
    group: 'center',
    summary: { ko: '계정별 몫과 사용량', en: 'who is promised how much, and who has used it' },
    load: () => import('./commands/shares.ts'),
  },
  {
    name: 'sign-in',
    group: 'center',
    summary: { ko: '브라우저용 일회용 로그인 링크', en: 'a one-time link that signs a browser in' },
    load: () => import('./commands/sign-in.ts'),
  },
  {
    name: 'keys',
    group: 'center',
    summary: { ko: 'API 키 목록, 발급, 교체, 폐기', en: 'list, create, rotate and revoke API keys' },
    load: () => import('./commands/keys.ts'),
  },
  {
    name: 'audit',
    group: 'center',
    summary: { ko: '운영자와 관리자가 한 일', en: 'who did what as operator or administrator' },
    load: () => import('./commands/audit.ts'),
  },
  {
    name: 'events',
    group: 'center',
    summary: { ko: '일어나는 일을 차례로', en: 'what happens, as it happens' },
    load: () => import('./commands/events.ts'),
  },
  {
    name: 'replay',
    group: 'center',
    summary: { ko: '실제 작업 기록을 센터에 제출', en: 'feed a job log to the center' },
    load: () => import('./commands/replay.ts'),
  },
  {
    name: 'demo',
    group: 'center',
    isHidden: true,
    summary: { ko: '가상의 사용자들', en: 'simulated users who submit for ever' },
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'sim',
    group: 'policy',
    summary: {
      ko: '작업 기록이나 작업 모델로 정책 시뮬레이션',
      en: 'simulate a job log, or a workload model, under a policy',
    },
    load: () => import('./commands/sim.ts'),
  },
  {
    name: 'scenario',
    group: 'policy',
    summary: {
      ko: '용량 시나리오를 연도별로: 단위별 용량, 수요, 전력, 비용',
      en: 'a capacity scenario year by year: capacity in every unit, demand, power, cost',
    },
    load: () => import('./commands/scenario.ts'),
  },
  {
    name: 'study',
    group: 'policy',
    summary: {
      ko: '시나리오 하나로 여러 시뮬레이션: 훑기, 비교, 가장 작은 용량 찾기',
      en: 'many simulations of a scenario: a sweep, a comparison, or the least that is enough',
    },
    load: () => import('./commands/study.ts'),
  },
  {
    name: 'trace',
    group: 'policy',
    summary: { ko: '작업 기록의 내용과 거부된 줄', en: 'what is in a job log, and which lines are rejected' },
    load: () => import('./commands/trace.ts'),
  },
  {
    name: 'fairtree',
    group: 'policy',
    summary: { ko: '배분 트리의 공정 배분 값', en: 'fair-share factors of a share tree' },
    load: () => import('./commands/fairtree.ts'),
  },
  {
    name: 'conform',
    group: 'policy',
    summary: { ko: '다른 스케줄러의 기준 사례와 대조', en: 'compare with cases published for other schedulers' },
    load: () => import('./commands/conform.ts'),
  },
  {
    name: 'version',
    group: 'policy',
    summary: { ko: '버전', en: 'versions of this command and of the center' },
    load: () => import('./commands/version.ts'),
  },
  {
    name: 'sbatch',
    group: 'slurm',
    summary: { ko: 'submit', en: 'submit' },
    load: () => import('./commands/submit.ts').then(({ declareSbatch }) => ({ declare: declareSbatch })),
  },
  {
    name: 'squeue',
    group: 'slurm',
    summary: { ko: 'queue', en: 'queue' },
    load: () => import('./commands/queue.ts').then(({ declareSqueue }) => ({ declare: declareSqueue })),
  },
  {
    name: 'sinfo',
    group: 'slurm',
    summary: { ko: 'pools, nodes', en: 'pools and nodes' },
    load: () => import('./commands/sinfo.ts'),
  },
  {
    name: 'sshare',
    group: 'slurm',
    summary: { ko: 'shares', en: 'shares' },
    load: () => import('./commands/shares.ts').then(({ declareSshare }) => ({ declare: declareSshare })),
  },
  {
    name: 'scancel',
    group: 'slurm',
    summary: { ko: 'cancel', en: 'cancel' },
    load: () => import('./commands/cancel.ts'),
  },
]
