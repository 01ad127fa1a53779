// What is wrong with a scenario that no schema sees: names that lead nowhere, days in the wrong order, sums that come to nothing. Parts
// that are wrong already are left out, so that everything that can be said is said at once.

import type { z } from 'zod'
import { type AccountNode, flattenedAccounts } from '../account-tree.ts'
import { figureSources } from '../catalogue/sources.ts'
import { knownModel } from '../center-file.ts'
import { withParticle } from '../korean.ts'
import type { Bilingual } from '../language.ts'
import { YEAR_MAX, YEAR_MIN } from '../moment.ts'
import { poolWord, unknownName } from '../nearest-name.ts'
import { policyOfFile } from '../policy-file.ts'
import { resultColumns, sizeClasses, waitColumn } from '../study/result-row.ts'
import { parseThreshold, thresholdForms } from '../study/threshold.ts'
import { valueIn } from './by-year.ts'
import { capacityOn } from './fleet.ts'
import { type CheckedScenario, isOfLogAlone, ScenarioFile } from './scenario-file.ts'

export type Wrong = (path: readonly PropertyKey[], code: string, detail: Bilingual) => void

/** Items of a list that are well formed, each with its place in the list. */
type Sound<Item> = readonly (readonly [index: number, item: Item])[]
type ItemOf<List> = List extends readonly (infer Item)[] ? Item : never

/** The parts of a scenario that are well formed. */
type SoundParts = Partial<Omit<CheckedScenario, SoundList | 'demand'>> & {
  readonly [Name in SoundList]: Sound<ItemOf<CheckedScenario[Name]>>
} & { readonly demand: SoundDemand; readonly isWhole: boolean }
type SoundList = 'pools' | 'faults' | 'outages' | 'maintenance'

interface SoundDemand extends Partial<Pick<CheckedScenario['demand'], 'load' | 'model' | 'base_year'>> {
  readonly drivers: Sound<CheckedScenario['demand']['drivers'][number]>
  readonly groups: Sound<CheckedScenario['demand']['groups'][number]>
  /** All that stands in it is well formed. */
  readonly isWhole: boolean
}

const { shape } = ScenarioFile
const { demand: demandSchema } = shape
const items = {
  pools: shape.pools.element,
  faults: shape.faults.unwrap().element,
  outages: shape.outages.unwrap().element,
  maintenance: shape.maintenance.unwrap().element,
  drivers: demandSchema.shape.drivers.unwrap().element,
  groups: demandSchema.shape.groups.unwrap().element,
}

function soundItems<Item>(schema: z.ZodType<Item>, list: unknown): Sound<Item> {
  return (Array.isArray(list) ? list : []).flatMap((item, index) => {
    const read = schema.safeParse(item)
    return read.success ? [[index, read.data] as const] : []
  })
}

function soundFields(fields: Readonly<Record<string, z.ZodType>>, value: Readonly<Record<string, unknown>>): object {
  const read = Object.entries(fields).map(([name, schema]) => [name, schema.safeParse(value[name])] as const)
  return Object.fromEntries(read.flatMap(([name, { success, data }]) => (success ? [[name, data]] : [])))
}

function soundParts(value: Readonly<Record<string, unknown>>): SoundParts {
  const demand = (typeof value.demand === 'object' ? (value.demand ?? {}) : {}) as Readonly<Record<string, unknown>>
  return {
    ...soundFields(shape, value),
    isWhole: ScenarioFile.safeParse(value).success,
    pools: soundItems(items.pools, value.pools),
    faults: soundItems(items.faults, value.faults),
    outages: soundItems(items.outages, value.outages),
    maintenance: soundItems(items.maintenance, value.maintenance),
    demand: {
      ...soundFields(demandSchema.shape, demand),
      isWhole: demandSchema.safeParse(value.demand).success,
      drivers: soundItems(items.drivers, demand.drivers),
      groups: soundItems(items.groups, demand.groups),
    },
  }
}

/** Tells `wrong` of everything. Cost: O(size of the scenario). */
export function checkScenario(value: Readonly<Record<string, unknown>>, wrong: Wrong): void {
  const parts = soundParts(value)
  checkPools(parts, wrong)
  checkAccounts(parts, wrong)
  checkDemand(parts, wrong)
  checkYears(parts.readiness?.values, ['readiness'], wrong)
  checkService(parts, wrong)
  checkPower(parts, wrong)
  checkCost(parts, wrong)
  checkPromises(parts, wrong)
  checkSources(value, parts.sources, wrong)
  if (parts.policy !== undefined) {
    const names = parts.pools.map(([, { name }]) => name)
    policyOfFile(parts.policy, names, (path, code, detail) => wrong(['policy', ...path], code, detail))
  }
  if (typeof parts.policy === 'object' && parts.policy.power !== undefined) {
    wrong(['policy', 'power'], 'power_twice', {
      ko: '시나리오의 전력은 `policy`가 아니라 `power`에 적습니다. 상한은 `power.caps`에 적으세요.',
      en: 'Power of a scenario is not said in `policy` but in `power`: write caps as `power.caps`.',
    })
  }
  const { days, warmup_days } = parts
  if (days !== undefined && warmup_days !== undefined && warmup_days >= days) {
    wrong(['warmup_days'], 'nothing_measured', {
      ko: `준비 기간 ${warmup_days}일이 시뮬레이션 기간 ${days}일을 다 차지해 측정할 것이 남지 않습니다. \`days\`를 늘리거나 \`warmup_days\`를 줄이세요.`,
      en: `A warm-up of ${warmup_days} days leaves nothing of ${days} days to measure. Take more \`days\`, or make \`warmup_days\` less.`,
    })
  }
}

/** @param named names and where they stand; @param what the Korean noun, and the English one in the plural */
function checkDistinct(
  named: readonly (readonly [path: readonly PropertyKey[], name: string])[],
  what: Bilingual,
  wrong: Wrong,
): void {
  const seen = new Set<string>()
  for (const [path, name] of named) {
    if (seen.has(name)) {
      wrong([...path, 'name'], 'duplicate', {
        ko: `이름이 ${name}인 ${withParticle(what.ko, '이')} 둘 있습니다. 하나의 이름을 바꾸세요.`,
        en: `There are two ${what.en} ${name}. Give one of them another name.`,
      })
    }
    seen.add(name)
  }
}

/** The names of a list at a path, and where they stand. */
const namesIn = (list: Sound<{ name: string }>, path: readonly PropertyKey[]) =>
  list.map(([index, { name }]) => [[...path, index], name] as const)

function checkPools({ pools, date, unit, isWhole }: SoundParts, wrong: Wrong): void {
  checkDistinct(
    pools.map(([index, { name }]) => [['pools', index], name]),
    { ko: '풀', en: 'pools' },
    wrong,
  )
  let isSound = true
  for (const [index, pool] of pools) {
    knownModel(pool, (field, code, detail) => {
      isSound = false
      wrong(['pools', index, field], code, detail)
    })
    const { arrives, retires, name } = pool
    if (arrives !== undefined && retires !== undefined && retires <= arrives) {
      isSound = false
      wrong(['pools', index, 'retires'], 'retires_before_arriving', {
        ko: `풀 ${name}의 철거일이 도입일보다 늦지 않습니다. \`retires\`를 \`arrives\`보다 뒤로 하세요.`,
        en: `Pool ${name} retires before it arrives. Set \`retires\` to a day after \`arrives\`.`,
      })
    }
  }
  // Where something else is wrong already, that may be why nothing is there.
  if (date === undefined || unit === undefined || !isWhole || !isSound) return
  if (
    capacityOn(
      pools.map(([, pool]) => pool),
      unit,
      date,
    ) === 0
  ) {
    wrong(['pools'], 'no_capacity', {
      ko: `첫날에 \`${unit}\` 단위의 용량이 0입니다. 그날 있는 풀에 노드를 주거나, \`date\`나 \`unit\`을 바꾸세요.`,
      en: `On the first day the capacity is 0 in \`${unit}\`. Give nodes to a pool that stands there then, or change \`date\` or \`unit\`.`,
    })
  }
}

function checkAccounts({ accounts, sectors }: SoundParts, wrong: Wrong): void {
  if (accounts === undefined) return
  flattenedAccounts(accounts, wrong)
  const sectorNames = (sectors ?? []).map(({ name }) => name)
  checkDistinct(namesIn([...(sectors ?? []).entries()], ['sectors']), { ko: '부문', en: 'sectors' }, wrong)

  const check = (siblings: readonly AccountNode[], path: readonly PropertyKey[]): void => {
    if (siblings.length > 0 && siblings.every(({ shares }) => shares === 0)) {
      wrong(path, 'no_shares', {
        ko: '이 계정들의 `shares` 합이 0이라 아무도 차례를 얻지 못합니다. 적어도 하나에 몫을 주세요.',
        en: 'The `shares` of these accounts add up to 0, so none of them would get a turn. Give at least one of them a share.',
      })
    }
    for (const [index, { sector, accounts: below, users }] of siblings.entries()) {
      const here = [...path, index]
      if (sector !== undefined && sectors !== undefined && !sectorNames.includes(sector))
        wrong([...here, 'sector'], 'unknown_sector', unknownName({ ko: '부문', en: 'sector' }, sector, sectorNames))
      if (users.length > 0 && users.every((user) => typeof user !== 'string' && user.shares === 0)) {
        wrong([...here, 'users'], 'no_shares', {
          ko: '이 사용자들의 `shares` 합이 0입니다. 적어도 한 명에게 몫을 주세요.',
          en: 'The `shares` of these users add up to 0. Give at least one of them a share.',
        })
      }
      const foreign = below.find(({ sector: other }) => other !== undefined && other !== (sector ?? other))
      if (users.length > 0 && foreign !== undefined) {
        wrong([...here, 'users'], 'mixed_sectors', {
          ko: `사용자가 있는 계정 아래에 다른 부문의 계정 ${foreign.name}이(가) 있어 부문별로 나눌 수 없습니다. 사용자를 하위 계정으로 옮기세요.`,
          en: `An account with users has ${foreign.name} of another sector below it, so sectors cannot be told apart. Move the users into an account below.`,
        })
      }
      check(below, [...here, 'accounts'])
    }
  }
  check(accounts, ['accounts'])
}

function accountNamesIn(accounts: readonly AccountNode[]): string[] {
  return accounts.flatMap(({ name, accounts: below }) => [name, ...accountNamesIn(below)])
}

/** With all below them. */
function membersOf(named: readonly string[], accounts: readonly AccountNode[], within = false): string[] {
  return accounts.flatMap(({ name, accounts: below }) => {
    const isIn = within || named.includes(name)
    return [...(isIn ? [name] : []), ...membersOf(named, below, isIn)]
  })
}

function checkDemand({ demand, accounts, pools }: SoundParts, wrong: Wrong): void {
  const { groups, drivers, load, isWhole } = demand
  const at = ['demand']
  if (isWhole && groups.length === 0 && load === undefined) {
    wrong(at, 'no_demand', {
      ko: '누가 얼마나 요청하는지가 없습니다. `load: 0.9`처럼 용량에 대한 비율을 적거나, `groups`를 적으세요.',
      en: 'Nothing says how much is asked for. Write a part of the capacity, such as `load: 0.9`, or `groups`.',
    })
  }
  for (const [index, driver] of drivers) {
    const here = [...at, 'drivers', index]
    checkYears(driver.values, here, wrong)
    if (driver.between === 'geometric' && Object.values(driver.values).includes(0)) {
      wrong([...here, 'between'], 'geometric_zero', {
        ko: `지표 ${driver.name}에 0이 있어 같은 비율로 이을 수 없습니다. \`between: linear\`를 쓰세요.`,
        en: `Driver ${driver.name} is 0 in a year, from which no proportion leads on. Write \`between: linear\`.`,
      })
    }
  }
  const poolNames = pools.map(([, { name }]) => name)
  const driverNames = drivers.map(([, { name }]) => name)
  checkDistinct(namesIn(drivers, [...at, 'drivers']), { ko: '지표', en: 'drivers' }, wrong)
  checkDistinct(namesIn(groups, [...at, 'groups']), { ko: '수요 집단', en: 'demand groups' }, wrong)

  const accountNames = accounts === undefined ? undefined : accountNamesIn(accounts)
  const servedBy = new Map<string, string>()
  for (const [index, group] of groups) {
    const here = [...at, 'groups', index]
    for (const [position, { driver, as }] of group.drivers.entries()) {
      const used = drivers.find(([, { name }]) => name === driver)?.[1]
      const then = used === undefined || demand.base_year === undefined ? null : valueIn(used, demand.base_year)
      if ((as === 'ratio' && then === 0) || (as === 'complement' && then !== null && then >= 1)) {
        wrong([...here, 'drivers', position, 'as'], 'nothing_to_compare_with', {
          ko: `지표 ${driver}의 기준 연도(${demand.base_year}) 값이 ${then}이라 견줄 수 없습니다. \`as: count\`를 쓰거나 \`base_year\`를 바꾸세요.`,
          en: `Driver ${driver} is ${then} in the base year ${demand.base_year}, which nothing can be compared with. Write \`as: count\`, or change \`base_year\`.`,
        })
      }
      if (!driverNames.includes(driver))
        wrong(
          [...here, 'drivers', position, 'driver'],
          'unknown_driver',
          unknownName({ ko: '지표', en: 'driver' }, driver, driverNames),
        )
    }
    if (group.model !== undefined) checkWeights(group.model, [...here, 'model'], wrong)
    for (const [queue, pool] of Object.entries(group.trace?.queues ?? {})) {
      if (!poolNames.includes(pool))
        wrong([...here, 'trace', 'queues', queue], 'unknown_pool', unknownName(poolWord, pool, poolNames))
    }
    if (accounts === undefined || accountNames === undefined) continue
    for (const [position, account] of group.accounts.entries()) {
      if (!accountNames.includes(account))
        wrong(
          [...here, 'accounts', position],
          'unknown_account',
          unknownName({ ko: '계정', en: 'account' }, account, accountNames),
        )
    }
    const twice = membersOf(group.accounts, accounts).find((account) => servedBy.has(account))
    if (twice !== undefined) {
      const other = servedBy.get(twice)!
      wrong([...here, 'accounts'], 'account_twice', {
        ko: `계정 ${twice}의 수요가 집단 ${other}에도 들어 있습니다. 한 곳에서 빼세요.`,
        en: `Account ${twice} asks for work in group ${other} already. Take it out of one of them.`,
      })
    }
    for (const account of membersOf(group.accounts, accounts)) servedBy.set(account, group.name)
  }
  if (demand.model !== undefined) checkWeights(demand.model, [...at, 'model'], wrong)
  if (load !== undefined && groups.length > 0 && groups.every(([, group]) => isOfLogAlone(group))) {
    wrong([...at, 'load'], 'nothing_to_scale', {
      ko: '`demand.load`는 모델의 수요를 정하는데, 모든 집단이 작업 기록만 씁니다. 집단의 `trace.load`로 적으세요.',
      en: '`demand.load` is for what models ask for, and all groups have logs alone. Write `trace.load` in the groups.',
    })
  }
  if (
    isWhole &&
    groups.length > 0 &&
    groups.every(([, { h100_equivalents, trace }]) => h100_equivalents === 0 && trace === undefined)
  ) {
    wrong([...at, 'groups'], 'no_demand', {
      ko: '모든 집단의 `h100_equivalents`가 0이라 아무도 일을 요청하지 않습니다. 적어도 하나에 값을 주세요.',
      en: 'The `h100_equivalents` of all groups are 0, so nobody would ask for anything. Give at least one of them some.',
    })
  }
}

function checkWeights(model: CheckedScenario['demand']['model'], path: readonly PropertyKey[], wrong: Wrong): void {
  if (typeof model === 'string' || !('kinds' in model) || Array.isArray(model.kinds)) return
  if (Object.values(model.kinds).some((weight) => weight !== undefined && weight > 0)) return
  wrong([...path, 'kinds'], 'no_shares', {
    ko: '작업 종류의 비율 합이 0입니다. 적어도 한 종류에 값을 주세요.',
    en: 'The parts of the kinds of work add up to 0. Give at least one kind some.',
  })
}

function checkYears(
  values: Readonly<Record<string, number>> | undefined,
  path: readonly PropertyKey[],
  wrong: Wrong,
): void {
  if (values === undefined) return
  if (Object.keys(values).length === 0) {
    wrong([...path, 'values'], 'no_years', {
      ko: '연도별 값이 하나도 없습니다. `2030: 0.7`처럼 적으세요.',
      en: 'There is no year in it. Write one, such as `2030: 0.7`.',
    })
  }
  for (const year of Object.keys(values)) {
    if (/^\d{4}$/.test(year) && Number(year) >= YEAR_MIN && Number(year) <= YEAR_MAX) continue
    wrong([...path, 'values', year], 'no_year', {
      ko: `${year}은(는) ${YEAR_MIN}년부터 ${YEAR_MAX}년까지의 연도가 아닙니다. 2028처럼 적으세요.`,
      en: `${year} is no year from ${YEAR_MIN} to ${YEAR_MAX}. Write one such as 2028.`,
    })
  }
}

function checkService({ pools, faults, outages, maintenance }: SoundParts, wrong: Wrong): void {
  const byName = new Map(pools.map(([, pool]) => [pool.name, pool]))
  const names = [...byName.keys()]
  const checkPool = (pool: string, path: readonly PropertyKey[]): void => {
    if (!byName.has(pool)) wrong(path, 'unknown_pool', unknownName(poolWord, pool, names))
  }
  for (const [index, { per, pools: named, name }] of faults) {
    for (const [position, pool] of (named ?? []).entries()) {
      const here = ['faults', index, 'pools', position]
      checkPool(pool, here)
      if (per === 'leaf' && byName.get(pool)?.fabric === undefined && byName.has(pool)) {
        wrong(here, 'no_fabric', {
          ko: `풀 ${pool}에 \`fabric\`이 없어 ${name}이(가) 함께 멈출 노드를 알 수 없습니다. 풀에 \`fabric: {leaf_nodes: 32}\`처럼 적으세요.`,
          en: `Pool ${pool} has no \`fabric\`, so nobody knows which nodes ${name} takes down together. Write one, such as \`fabric: {leaf_nodes: 32}\`.`,
        })
      }
    }
  }
  for (const [index, { repair, name }] of faults) {
    if (repair.longest > repair.median) continue
    wrong(['faults', index, 'repair', 'longest'], 'shorter_than_median', {
      ko: `${name}의 가장 긴 수리 시간이 중앙값보다 길지 않습니다. \`longest\`를 \`median\`보다 길게 하세요.`,
      en: `The longest repair of ${name} is no longer than the median one. Make \`longest\` more than \`median\`.`,
    })
  }
  for (const [index, { pool, nodes }] of outages) {
    checkPool(pool, ['outages', index, 'pool'])
    const there = byName.get(pool)?.nodes
    if (nodes !== undefined && there !== undefined && nodes > there) {
      wrong(['outages', index, 'nodes'], 'too_many_nodes', {
        ko: `풀 ${pool}의 노드는 ${there}개인데 ${nodes}개가 멈춘다고 합니다. ${there} 이하로 적거나, 전부라면 \`nodes\`를 빼세요.`,
        en: `Pool ${pool} has ${there} nodes, and ${nodes} of them are to be out. Write ${there} at most, or leave \`nodes\` out for all.`,
      })
    }
  }
  for (const [index, { pools: named }] of maintenance)
    for (const [position, pool] of (named ?? []).entries()) checkPool(pool, ['maintenance', index, 'pools', position])
  for (const [at, list] of Object.entries({ faults, outages, maintenance }))
    checkDistinct(namesIn(list, [at]), { ko: '항목', en: 'entries' }, wrong)
}

function checkPower({ power, pools }: SoundParts, wrong: Wrong): void {
  const names = pools.map(([, { name }]) => name)
  for (const [index, pool] of (power?.capped_pools ?? []).entries())
    if (!names.includes(pool))
      wrong(['power', 'capped_pools', index], 'unknown_pool', unknownName(poolWord, pool, names))
  for (const [index, cap] of (power?.caps ?? []).entries()) {
    const here = ['power', 'caps', index]
    if ((cap.site === undefined) === (cap.part_of_full === undefined)) {
      wrong(here, 'one_cap', {
        ko: '전력 상한은 `site: 40MW`나 `part_of_full: 0.8` 가운데 하나로 적습니다.',
        en: 'A cap is one of `site: 40MW` and `part_of_full: 0.8`: write one of them.',
      })
    }
    if (cap.until !== undefined && cap.until <= cap.from) {
      wrong([...here, 'until'], 'ends_before_it_begins', {
        ko: '전력 상한이 시작하기 전에 끝납니다. `until`을 `from`보다 뒤로 하세요.',
        en: 'The cap ends before it begins. Set `until` to a moment after `from`.',
      })
    }
  }
}

function checkCost({ cost }: SoundParts, wrong: Wrong): void {
  for (const model of Object.keys(cost?.capex_krw_per_accelerator ?? {})) {
    if (model === 'default') continue
    const here = ['cost', 'capex_krw_per_accelerator', model]
    knownModel({ model }, (_, code, detail) => wrong(here, code, detail))
  }
}

function checkPromises({ promises, accounts, sectors }: SoundParts, wrong: Wrong): void {
  for (const [index, text] of (promises ?? []).entries()) {
    const here = ['promises', index]
    const promise = parseThreshold(text)
    if (promise === null) {
      wrong(here, 'no_promise', {
        ko: `"${text}"은(는) 약속이 아닙니다. 열 이름, 비교 기호, 숫자로 적으세요. 예: \`wait_p95_s < 86400\`.`,
        en: `"${text}" is no promise. Write ${thresholdForms}.`,
      })
      continue
    }
    const groups = [
      ...sizeClasses.map(({ name }) => name),
      ...[...(sectors ?? []), ...(accounts ?? [])].map(({ name }) => `sector_${name}`),
    ]
    const columns = [
      ...resultColumns,
      ...groups.flatMap((group) => ([50, 95, 99] as const).map((p) => waitColumn(p, group))),
    ]
    if (!columns.includes(promise.column))
      wrong(here, 'unknown_column', unknownName({ ko: '결과 열', en: 'column' }, promise.column, columns))
  }
}

/** Keys such as `k20` lead to a page; other words are a sentence. */
const sourceKey = /\b[a-z]\d{1,2}\b/g

/** Looks at every `source` there is, however deep. */
function checkSources(value: unknown, sources: Readonly<Record<string, string>> | undefined, wrong: Wrong): void {
  if (sources === undefined || Object.keys(sources).length === 0) return
  const known = [...Object.keys(sources), ...Object.keys(figureSources)]
  const walk = (part: unknown, path: readonly PropertyKey[]): void => {
    if (typeof part !== 'object' || part === null) return
    for (const [key, inner] of Object.entries(part)) {
      const here = [...path, Array.isArray(part) ? Number(key) : key]
      if (key === 'source' && typeof inner === 'string') {
        for (const [name] of inner.matchAll(sourceKey))
          if (!known.includes(name))
            wrong(here, 'unknown_source', unknownName({ ko: '출처', en: 'source' }, name, known))
      } else walk(inner, here)
    }
  }
  walk(value, [])
}
