// A scenario with some of its settings changed: single ones by their path, and the three knobs of a planner, which move many pools at
// once. Nodes are whole, so a knob comes as near to what was asked as nodes allow; the result says how near.

import { acceleratorOf } from '../catalogue/catalogue.ts'
import { withParticle } from '../korean.ts'
import type { Bilingual, Language } from '../language.ts'
import { nearestName } from '../nearest-name.ts'
import { capacityOn, capexOfOne, standsAt, unitsOfOne } from './fleet.ts'
import { type CheckedPool, type CheckedScenario, ScenarioFile } from './scenario-file.ts'
import { type ScenarioReading, scenarioOf } from './scenario-reading.ts'
import { fieldNames } from './scenario-schema.ts'

export type FieldValue = number | string | boolean | null

/**
 * - `capacity_ef`: what the nation's own pools and those of partners add up to on the first day, in the scenario's unit.
 * - `npu_share`: of the nation's accelerators, the part that are NPUs or PIM devices; how many there are stays.
 * - `budget_krw`: as many of the nation's nodes as so much money buys.
 */
export const knobs = ['capacity_ef', 'npu_share', 'budget_krw'] as const
type Knob = (typeof knobs)[number]

/** Sets fields in their order, knobs after all others. The result is checked as a file is. */
export function withFields(
  scenario: ScenarioFile,
  fields: Readonly<Record<string, FieldValue>>,
  language: Language = 'en',
): ScenarioReading {
  const wrong = (field: string, code: string, detail: Bilingual): ScenarioReading => ({
    ok: false,
    findings: [{ pointer: `/${field}`, code, detail: detail[language] }],
  })
  const isKnob = (field: string): field is Knob => (knobs as readonly string[]).includes(field)

  let value: unknown = scenario
  for (const [field, given] of Object.entries(fields)) {
    if (isKnob(field)) continue
    if (/\.trace\.(file|sha256)$/.test(field)) return wrong(field, 'log_is_read', otherLog)
    const set = withValueAt(value, field, given)
    if (!set.ok) return wrong(field, 'unknown_field', noSuchField(field, set.missing, set.known))
    value = set.value
  }
  const read = scenarioOf(value, language)
  if (!read.ok) return read

  let file = read.scenario
  for (const knob of ['npu_share', 'capacity_ef', 'budget_krw'] as const) {
    const given = fields[knob]
    if (given === undefined) continue
    if (typeof given !== 'number' || !(given >= 0) || (knob === 'npu_share' && given > 1) || given === Infinity)
      return wrong(knob, 'knob', knobForms[knob])
    if (knob === 'budget_krw' && fields.capacity_ef !== undefined) return wrong(knob, 'two_knobs', twoKnobs)
    const checked = ScenarioFile.parse(file)
    const nodes = turned[knob](checked, given)
    if ('en' in nodes) return wrong(knob, 'knob', nodes)
    const pools = file.pools.map((pool) => ({ ...pool, nodes: nodes.get(pool.name) ?? pool.nodes }))
    const next = scenarioOf({ ...file, pools }, language)
    if (!next.ok) return next
    file = next.scenario
  }
  return { ok: true, scenario: file }
}

const knobForms: Readonly<Record<Knob, Bilingual>> = {
  capacity_ef: { ko: '`capacity_ef`는 0보다 큰 숫자여야 합니다.', en: '`capacity_ef` must be a number above 0.' },
  npu_share: { ko: '`npu_share`는 0에서 1까지의 숫자여야 합니다.', en: '`npu_share` must be a number from 0 to 1.' },
  budget_krw: { ko: '`budget_krw`는 0보다 큰 금액이어야 합니다.', en: '`budget_krw` must be an amount above 0.' },
}

const otherLog: Bilingual = {
  ko: '작업 기록은 시나리오 파일과 함께 읽습니다. 기록마다 시나리오를 만들어 `study.compare.scenarios`로 견주세요.',
  en: 'A job log is read with the scenario file. Write a scenario for each log, and compare them by `study.compare.scenarios`.',
}

const twoKnobs: Bilingual = {
  ko: '`capacity_ef`와 `budget_krw`는 둘 다 노드 수를 정합니다. 하나만 쓰세요.',
  en: '`capacity_ef` and `budget_krw` both say how many nodes there are. Take one of them.',
}

/** New numbers of nodes by pool, or why there are none. */
type Turn = (scenario: CheckedScenario, value: number) => ReadonlyMap<string, number> | Bilingual

const turned: Readonly<Record<Knob, Turn>> = {
  capacity_ef(scenario, wanted) {
    const { unit, date } = scenario
    const pools = standing(scenario, 'national')
    const weightOf = (pool: CheckedPool) => pool.accelerators_per_node * unitsOfOne(pool.model, unit)
    const partners = capacityOn(standing(scenario, 'partner'), unit, date)
    const own = capacityOn(pools, unit, date)
    if (own === 0) return nothingToScale(unit)
    const left = wanted - partners
    if (left <= 0) {
      return {
        ko: `협력 기관의 풀만으로 이미 ${partners}입니다. \`capacity_ef\`는 그보다 커야 합니다.`,
        en: `The pools of partners alone are ${partners}. \`capacity_ef\` must be more than that.`,
      }
    }
    return scaled(pools, left / own, weightOf, left, 'nearest')
  },

  npu_share(scenario, share) {
    const pools = standing(scenario, 'national')
    const isGpu = ({ model }: CheckedPool) => acceleratorOf(model)?.kind === 'gpu'
    const sides = [pools.filter((pool) => !isGpu(pool)), pools.filter(isGpu)] as const
    const weightOf = ({ accelerators_per_node }: CheckedPool) => accelerators_per_node
    const counts = sides.map((side) => countOf(side))
    const total = counts[0]! + counts[1]!
    const wanted = [share * total, (1 - share) * total]
    const nodes = new Map<string, number>()
    for (const [index, side] of sides.entries()) {
      if (wanted[index]! > 0 && side.length === 0) return index === 0 ? noNpus : noGpus
      // Pools that wait without nodes for somebody to ask for a share divide it evenly.
      const from = counts[index] === 0 ? side.map((pool) => ({ ...pool, nodes: 1 })) : side
      const due = scaled(from, wanted[index]! / Math.max(1, countOf(from)), weightOf, wanted[index]!, 'nearest')
      for (const [name, count] of due) nodes.set(name, count)
    }
    return nodes
  },

  budget_krw(scenario, budget) {
    const pools = standing(scenario, 'national')
    const unpriced = pools.find((pool) => capexOfOne(pool, scenario.cost) === null)
    if (unpriced !== undefined) {
      return {
        ko: `풀 ${unpriced.name}의 가격이 없어 예산으로 살 수 있는 양을 알 수 없습니다. \`cost.capex_krw_per_accelerator\`에 ${unpriced.model} 또는 \`default\`를 적으세요.`,
        en: `Pool ${unpriced.name} has no price, so nobody knows what a budget buys. Write ${unpriced.model} or \`default\` into \`cost.capex_krw_per_accelerator\`.`,
      }
    }
    const weightOf = (pool: CheckedPool) => pool.accelerators_per_node * capexOfOne(pool, scenario.cost)!
    const price = pools.reduce((sum, pool) => sum + pool.nodes * weightOf(pool), 0)
    if (price === 0) return nothingToScale('KRW')
    return scaled(pools, budget / price, weightOf, budget, 'at-most')
  },
}

const nothingToScale = (unit: string): Bilingual => ({
  ko: `늘리고 줄일 국가 소유 풀이 없거나, 모두 ${unit} 단위로 0입니다. \`unit\`을 바꾸거나 \`owner: national\`인 풀을 두세요.`,
  en: `There is no pool of the nation to scale, or all of them are 0 in ${unit}. Change \`unit\`, or have a pool with \`owner: national\`.`,
})
const noNpus: Bilingual = {
  ko: 'NPU나 PIM 풀이 없어 비율을 늘릴 수 없습니다. 노드가 0개라도 NPU 풀을 하나 두세요.',
  en: 'There is no pool of NPUs or PIM devices to take a share. Have one, if only of 0 nodes.',
}
const noGpus: Bilingual = {
  ko: 'GPU 풀이 없어 나머지를 맡을 수 없습니다. 노드가 0개라도 GPU 풀을 하나 두세요.',
  en: 'There is no pool of GPUs to take the rest. Have one, if only of 0 nodes.',
}

const standing = ({ pools, date }: CheckedScenario, owner: CheckedPool['owner']): CheckedPool[] =>
  pools.filter((pool) => pool.owner === owner && standsAt(pool, date))

const countOf = (pools: readonly CheckedPool[]): number =>
  pools.reduce((sum, { nodes, accelerators_per_node }) => sum + nodes * accelerators_per_node, 0)

/**
 * Nodes of pools, each `factor` times as many, in whole numbers that add up to `total` as nearly as they can or without exceeding it.
 * Largest remainder: each pool gets the whole part of what is due to it, and the nodes still missing go to those that lost most.
 */
function scaled(
  pools: readonly CheckedPool[],
  factor: number,
  weightOf: (pool: CheckedPool) => number,
  total: number,
  rule: 'nearest' | 'at-most',
): Map<string, number> {
  // A sum such as 3750 × 0.067 falls a hair short of the whole number that it is.
  const due = pools.map((pool) => ({ pool, exact: pool.nodes * factor, weight: weightOf(pool) }))
  const nodes = new Map(due.map(({ pool, exact }) => [pool.name, Math.floor(exact * (1 + Number.EPSILON * 4))]))
  let sum = due.reduce((all, { pool, weight }) => all + nodes.get(pool.name)! * weight, 0)
  const lost = due
    .map((one) => ({ ...one, remainder: one.exact - nodes.get(one.pool.name)! }))
    .toSorted((a, b) => b.remainder - a.remainder)
  for (const { pool, weight, remainder } of lost) {
    const isBetter =
      weight === 0
        ? remainder >= 0.5
        : rule === 'at-most'
          ? sum + weight <= total * (1 + Number.EPSILON * 4)
          : Math.abs(sum + weight - total) < Math.abs(sum - total)
    if (remainder <= 0 || !isBetter) continue
    nodes.set(pool.name, nodes.get(pool.name)! + 1)
    sum += weight
  }
  return nodes
}

type Setting = { readonly ok: true; readonly value: unknown } | Missing
interface Missing {
  readonly ok: false
  readonly missing: string
  readonly known: readonly string[]
}

const nameIn = (item: unknown): unknown =>
  typeof item === 'object' && item !== null && 'name' in item ? item.name : undefined

/** Replaces what stands at a path of field names and, in lists, names of items: `pools.rngd.nodes`. */
function withValueAt(value: unknown, path: string, given: FieldValue): Setting {
  const [head = '', ...rest] = path.split('.')
  if (path === '') return { ok: true, value: given }
  if (Array.isArray(value)) {
    // Names may have dots of their own: the longest that fits is meant.
    const names = value.map(nameIn).filter((name) => typeof name === 'string')
    const meant = names
      .filter((name) => path === name || path.startsWith(`${name}.`))
      .toSorted((a, b) => b.length - a.length)[0]
    const index = meant === undefined ? Number(head) : value.findIndex((item) => nameIn(item) === meant)
    if (meant === undefined && !(/^\d+$/.test(head) && index < value.length))
      return { ok: false, missing: head, known: names }
    const inner = withValueAt(value[index], meant === undefined ? rest.join('.') : path.slice(meant.length + 1), given)
    return inner.ok ? { ok: true, value: value.with(index, inner.value) } : inner
  }
  if (value !== undefined && (typeof value !== 'object' || value === null))
    return { ok: false, missing: head, known: [] }
  const map = (value ?? {}) as Readonly<Record<string, unknown>>
  if (rest.length > 0 && !Object.hasOwn(map, head)) {
    // A section that is not there yet may begin with one field; a name that no section has is a slip.
    if (!fieldNames().includes(head)) return { ok: false, missing: head, known: [...Object.keys(map), ...fieldNames()] }
  }
  const inner = withValueAt(Object.hasOwn(map, head) ? map[head] : undefined, rest.join('.'), given)
  return inner.ok ? { ok: true, value: { ...map, [head]: inner.value } } : inner
}

function noSuchField(field: string, missing: string, known: readonly string[]): Bilingual {
  const meant = nearestName(missing, known)
  return {
    ko: `\`${field}\`에서 \`${missing}\`을(를) 찾을 수 없습니다. ${meant === null ? '항목은 `demand.load`, 목록에서는 이름을 써서 `pools.rngd.nodes`처럼 적습니다.' : `\`${meant}\`${withParticle(meant, '을').slice(meant.length)} 쓰려고 하셨습니까?`}`,
    en: `There is no \`${missing}\` in \`${field}\`. ${meant === null ? 'Write a field as `demand.load`, and in lists the name, as `pools.rngd.nodes`.' : `Did you mean \`${meant}\`?`}`,
  }
}
