// Who asks for how much. Groups say what they ask for in a base year, in H100 kept busy; drivers move that over the years. Where a
// scenario gives a load instead, only the proportions between groups count.

import { type CheckedScenario, jobKindNames, koreanYear, modelOfFile, power, valueIn } from '@dure/contract'
import type { CenterConfig } from '@dure/core'
import {
  type AccountGroup,
  capacityFor,
  type DemandGroup,
  jobKinds,
  type KindSpeed,
  nationalModel,
  type WorkloadModel,
} from '@dure/sim'

type Group = CheckedScenario['demand']['groups'][number]
type Model = NonNullable<Group['model']>
type Demand = CheckedScenario['demand']

/** What the model of one group asks for in a year, in H100 kept busy: pressure is not in it, nor what a log asks for. */
const h100sAsked = (group: Group, demand: Demand, year: number): number =>
  driven(group, group.h100_equivalents ?? 0, demand, year)

/** What something of the base year has become by another. */
export function driven(
  group: Pick<Group, 'drivers'>,
  then: number,
  { drivers, base_year }: Demand,
  year: number,
): number {
  return group.drivers.reduce((asked, { driver: name, as, exponent }) => {
    const driver = drivers.find((one) => one.name === name)!
    const [now, before] = [valueIn(driver, year), valueIn(driver, base_year)]
    switch (as) {
      case 'count':
        return asked * power(now, exponent)
      case 'ratio':
        return asked * power(now / before, exponent)
      case 'complement':
        return asked * power((1 - now) / (1 - before), exponent)
      default: {
        const never: never = as
        throw new Error(`no way to use a driver ${never}`)
      }
    }
  }, then)
}

/** All that is asked for in a year, in H100 kept busy, under the pressure of the scenario; null where it goes by a load, or by logs. */
export function h100sAskedInAll({ demand }: CheckedScenario, year: number): number | null {
  const isByModels = demand.groups.length > 0 && demand.groups.every(({ trace }) => trace === undefined)
  if (demand.load !== undefined || !isByModels) return null
  return demand.pressure * demand.groups.reduce((sum, group) => sum + h100sAsked(group, demand, year), 0)
}

/** What a scenario's model is to the simulator. */
function workloadModel(model: Model): WorkloadModel {
  if (model === 'national') return nationalModel
  if ('file' in model) throw new Error(`the model of ${model.file} has not been read`)
  if (Array.isArray(model.kinds)) return modelOfFile(model as Parameters<typeof modelOfFile>[0])
  const weights: Readonly<Partial<Record<string, number>>> = model.kinds
  const total = jobKindNames.reduce((sum, name) => sum + (weights[name] ?? 0), 0)
  return {
    ...nationalModel,
    name: 'national, weighed',
    kinds: jobKinds.flatMap((kind) => {
      const weight = weights[kind.name] ?? 0
      return weight > 0 ? [{ ...kind, percent: (100 * weight) / total }] : []
    }),
  }
}

/** So much work of some kinds. */
export interface Work {
  readonly model: Pick<WorkloadModel, 'kinds'>
  /** In H100 kept busy, or in any unit that all share where there is a load. */
  readonly amount: number
}

interface Asker extends AccountGroup, Work {
  readonly model: WorkloadModel
  readonly surges: Group['surges']
}

/** Everybody who asks a model's work of the center in the scenario's year. */
export function askersOf({ demand, accounts, date }: CheckedScenario): Asker[] {
  const { groups, model, pressure } = demand
  if (groups.length === 0) {
    const everybody = accounts.map(({ name }) => name)
    return [{ name: 'everybody', accounts: everybody, model: workloadModel(model), surges: [], amount: pressure }]
  }
  return groups
    .map((group) => ({
      name: group.name,
      accounts: group.accounts,
      model: workloadModel(group.model ?? 'national'),
      surges: group.surges,
      amount: pressure * h100sAsked(group, demand, koreanYear(date)),
    }))
    .filter(({ amount }) => amount > 0)
}

/** The mix of all that is asked for, as one model: a kind has the work that all groups ask of it. */
export function mixOf(askers: readonly Work[]): Pick<WorkloadModel, 'kinds'> {
  const kinds = new Map<string, WorkloadModel['kinds'][number]>()
  for (const { model, amount } of askers) {
    const all = model.kinds.reduce((sum, { percent }) => sum + percent, 0)
    for (const kind of model.kinds) {
      const percent = (kinds.get(kind.name)?.percent ?? 0) + (amount * kind.percent) / all
      kinds.set(kind.name, { ...kind, percent })
    }
  }
  return { kinds: [...kinds.values()] }
}

/**
 * In H100 kept busy, one of the units that amounts are in.
 * @param standing pools of the first day, which a load of everybody is a part of
 */
export function amountScale(
  { load, pressure }: Demand,
  askers: readonly Work[],
  standing: CenterConfig['pools'],
  speeds: readonly KindSpeed[],
): number {
  if (load === undefined) return 1
  const amounts = askers.reduce((sum, { amount }) => sum + amount, 0)
  return (load * pressure * capacityFor({ pools: standing }, mixOf(askers), speeds)) / amounts
}

/** Groups with their loads. A load is a part of what the center could do of the group's own work. */
export function demandGroups(
  scenario: CheckedScenario,
  askers: readonly Asker[],
  config: CenterConfig,
  scale: number,
  speeds: readonly KindSpeed[],
): DemandGroup[] {
  return askers.map(({ name, accounts, model, surges, amount }) => ({
    name,
    accounts,
    model,
    load: (scale * amount) / capacityFor(config, model, speeds),
    surges: surges.map(({ from, for: lastsMs, factor }) => ({
      fromMs: from - scenario.date,
      untilMs: from - scenario.date + lastsMs,
      factor,
    })),
  }))
}

type Account = CheckedScenario['accounts'][number]

/**
 * Accounts under the headings that reports sum them up by: that of an account, else of what it stands under, else its own name. Each
 * stands for all below it, so of what is under several headings the parts are listed.
 */
export function sectorsOf({ accounts, sectors }: Pick<CheckedScenario, 'accounts' | 'sectors'>): AccountGroup[] {
  const members = new Map<string, string[]>(sectors.map(({ name }) => [name, []]))
  const walk = (account: Account, above: string | null): void => {
    const own = account.sector ?? above ?? account.name
    if (isOf(own, account, above)) members.set(own, [...(members.get(own) ?? []), account.name])
    else for (const below of account.accounts) walk(below, own)
  }
  for (const account of accounts) walk(account, null)
  return [...members].filter(([, names]) => names.length > 0).map(([name, names]) => ({ name, accounts: names }))
}

/** Whether an account and all below it are under one heading. */
function isOf(sector: string, { name, sector: own, accounts }: Account, above: string | null): boolean {
  const here = own ?? above ?? name
  return here === sector && accounts.every((below) => isOf(sector, below, here))
}
