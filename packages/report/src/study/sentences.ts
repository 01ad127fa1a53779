// What a study says in words, made from its numbers: the headline, and one sentence for each chart.

import { type Bilingual, type Language, type StudyOutcome, sizeClasses, waitColumn } from '@dure/contract'
import { formatChange } from './amounts.ts'
import type { Answer } from './answer.ts'
import {
  type Arrangement,
  areApart,
  type Band,
  bandAt,
  bandsOf,
  hasOnePolicyEach,
  type Stop,
  saySpot,
} from './arrangement.ts'
import { inBoth, withParticleAfter } from './languages.ts'
import { inSentence, type Measure, measureOf, sayAmount } from './measures.ts'
import { type Kept, keptAt, sayPromises } from './promises.ts'

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const sayBand = (measure: Measure, { mean, halfWidth }: Band, language: Language): string =>
  sayAmount(measure, mean, halfWidth, language)

/** One sentence that answers the question of the study. */
export const headlineOf = (outcome: StudyOutcome, answer: Answer): Bilingual =>
  inBoth((language) => {
    if (outcome.kind === 'solve' && outcome.solutions.length > 0) return solved(outcome, answer, language)
    if (outcome.kind === 'compare' && outcome.differences.length > 0) return compared(outcome, language)
    if (answer.arrangement.axis.column === null) return named(outcome, answer.arrangement, language)
    return swept(outcome, answer, language)
  })

/** `부하 1일 때 `, `with load 1, `: which line is meant, where there are several. */
function under({ series, base }: Arrangement, language: Language): string {
  if (series.length === 1) return ''
  return { ko: `${base.title.ko}일 때 `, en: `with ${base.title.en}, ` }[language]
}

function swept(outcome: StudyOutcome, { arrangement, base: { kept, knee } }: Answer, language: Language): string {
  const { axis, base } = arrangement
  const lead = under(arrangement, language)
  const promise = sayPromises(outcome)[language]
  const bend = knee === null ? null : saySpot(axis, { x: knee, label: axis.title })[language]
  if (kept === null && bend === null) return change(arrangement, measureOf('wait_p95_s', outcome), language)
  if (language === 'ko') {
    const bends = `대기 시간은 ${bend}에서 꺾입니다`
    if (kept === null) return `${lead}${bends}. 그 뒤로는 더 늘려도 대기가 조금만 달라집니다.`
    if (kept.kind === 'nowhere')
      return `${lead}시험한 ${saySpot(axis, base.stops.at(-1)!).ko}까지 어디에서도 ‘${promise}’ 약속을 지키지 못합니다.`
    const places = `${lead}${keptPlaces(kept, arrangement, 'ko')} ‘${promise}’ 약속을`
    return bend === null ? `${places} 지킵니다.` : `${places} 지키고, ${bends}.`
  }
  const bends = `waits have their knee at ${bend}`
  if (kept === null) return capitalized(`${lead}${bends}: beyond it, more of it changes little.`)
  if (kept.kind === 'nowhere')
    return capitalized(
      `${lead}nothing tried up to ${saySpot(axis, base.stops.at(-1)!).en} keeps the promise “${promise}”.`,
    )
  const places = `${lead}${keptPlaces(kept, arrangement, 'en')} the promise “${promise}” is kept`
  return capitalized(bend === null ? `${places}.` : `${places}, and ${bends}.`)
}

/** `1.2 EF(FP64)부터`, `from 1.2 EF (FP64) on`. */
export function keptPlaces(kept: Kept, { axis, base }: Arrangement, language: Language): string {
  const spot = (stop: Stop): string => saySpot(axis, stop)[language]
  switch (kept.kind) {
    case 'everywhere':
      return {
        ko: `${spot(base.stops[0]!)}부터 ${spot(base.stops.at(-1)!)}까지 시험한 모든 곳에서`,
        en: `everywhere from ${spot(base.stops[0]!)} to ${spot(base.stops.at(-1)!)}`,
      }[language]
    case 'nowhere':
      return { ko: '시험한 어디에서도 지키지 못함', en: 'nowhere that was tried' }[language]
    case 'from':
      return { ko: `${spot(kept.stop)}부터`, en: `from ${spot(kept.stop)} on` }[language]
    case 'up-to':
      return { ko: `${spot(kept.stop)}까지`, en: `up to ${spot(kept.stop)}` }[language]
    case 'at': {
      const spots = kept.stops.map(spot).join(', ')
      return { ko: `${spots}에서만`, en: `only at ${spots}` }[language]
    }
  }
}

function solved(outcome: StudyOutcome, { arrangement }: Answer, language: Language): string {
  const { field, policy, keeps, misses, tried } =
    outcome.solutions.find((one) => one.policy === arrangement.base.policy) ?? outcome.solutions[0]!
  const promise = sayPromises(outcome)[language]
  const spot = (x: number): string =>
    saySpot(arrangement.axis, { x, label: { ko: `${field} ${x}`, en: `${field} ${x}` } })[language]
  const lead = outcome.policies.length > 1 ? { ko: `${policy} 정책에서 `, en: `under ${policy}, ` }[language] : ''
  const values = tried.map(({ value }) => value)
  if (language === 'ko') {
    if (keeps === null)
      return `${lead}${spot(Math.min(...values))}에서 ${spot(Math.max(...values))}까지 어떤 값으로도 ‘${promise}’ 약속을 지키지 못합니다.`
    if (misses === null) return `${lead}‘${promise}’ 약속은 가장 작은 ${spot(keeps)}에서 이미 지켜집니다.`
    return `${lead}‘${promise}’ 약속을 지키는 가장 작은 ${withParticleAfter(arrangement.axis.title.ko, '은')} ${spot(keeps)}이고, ${withParticleAfter(spot(misses), '으로')}는 지키지 못합니다.`
  }
  if (keeps === null)
    return capitalized(
      `${lead}no value from ${spot(Math.min(...values))} to ${spot(Math.max(...values))} keeps the promise “${promise}”.`,
    )
  if (misses === null)
    return capitalized(`${lead}the smallest, ${spot(keeps)}, already keeps the promise “${promise}”.`)
  return capitalized(
    `${lead}the smallest ${inSentence(arrangement.axis.title.en)} that keeps the promise “${promise}” is ${spot(keeps)}; ${spot(misses)} misses it.`,
  )
}

type Difference = StudyOutcome['differences'][number]

/** What the two sides of a comparison are called, by what differs between them. */
export function sidesOf(
  outcome: StudyOutcome,
  { base, other }: Difference,
): { readonly base: Bilingual; readonly other: Bilingual } {
  const name = (side: Difference['base']): Bilingual => {
    const label = outcome.points.find(({ point }) => point === side.point)?.label ?? {
      ko: `${side.point}`,
      en: `${side.point}`,
    }
    if (base.point === other.point && outcome.points.length === 1) return { ko: side.policy, en: side.policy }
    const isNamed = base.policy === other.policy || hasOnePolicyEach(outcome)
    if (base.point !== other.point && isNamed) return label
    return { ko: `${label.ko}, ${side.policy}`, en: `${label.en}, ${side.policy}` }
  }
  return { base: name(base), other: name(other) }
}

/** Whether a difference is more than what seeds differ by chance: its 95 % interval leaves zero out. */
export const isClear = ({ mean, half_width }: Difference): boolean => half_width !== null && Math.abs(mean) > half_width

/** A difference with its sign, its unit, and half its interval. */
export const sayDifference = (measure: Measure, { mean, half_width }: Difference, language: Language): string =>
  formatChange(measure.choice, language, mean, half_width)

function compared(outcome: StudyOutcome, language: Language): string {
  const [first] = outcome.differences
  const pair = outcome.differences.filter(
    ({ base, other }) =>
      base.point === first!.base.point &&
      base.policy === first!.base.policy &&
      other.point === first!.other.point &&
      other.policy === first!.other.policy,
  )
  const told = ['wait_p95_s', 'delivered_ef'].flatMap((column) => pair.find((one) => one.column === column) ?? [])
  const { base, other } = sidesOf(outcome, first!)
  const parts = (told.length > 0 ? told : [first!]).map((one) => {
    const measure = measureOf(one.column, outcome)
    const title = { ko: withParticleAfter(measure.title.ko, '은'), en: inSentence(measure.title.en) }[language]
    const way = one.mean > 0 ? 'up' : 'down'
    const plural = measure.isPlural ? '' : 's'
    if (one.half_width !== null && !isClear(one)) {
      const amount = sayDifference(measure, one, language)
      return {
        ko: { going: `${title} 뚜렷이 달라지지 않고(${amount})`, last: `${title} 뚜렷이 달라지지 않습니다(${amount})` },
        en: {
          going: `${title} show${plural} no clear change (${amount})`,
          last: `${title} show${plural} no clear change (${amount})`,
        },
      }[language]
    }
    const amount = sayAmount(measure, Math.abs(one.mean), one.half_width, language)
    const english = `${title} ${way === 'up' ? 'rise' : 'fall'}${plural} by ${amount}`
    return {
      ko: {
        going: `${title} ${amount} ${way === 'up' ? '늘고' : '줄고'}`,
        last: `${title} ${amount} ${way === 'up' ? '늘어납니다' : '줄어듭니다'}`,
      },
      en: { going: english, last: english },
    }[language]
  })
  const said = parts.map(({ going, last }, at) => (at === parts.length - 1 ? last : going))
  if (language === 'ko') return `${base.ko} 대신 ${withParticleAfter(other.ko, '을')} 택하면 ${said.join(', ')}.`
  return `With ${other.en} instead of ${base.en}, ${said.join(', and ')}.`
}

function named(outcome: StudyOutcome, { base }: Arrangement, language: Language): string {
  const measure = measureOf('wait_p95_s', outcome)
  const bands = bandsOf(base, measure.column).toSorted((a, b) => a.mean - b.mean)
  const [best, worst] = [bands[0], bands.at(-1)]
  if (best === undefined || worst === undefined || bands.length === 1) {
    const only = bands[0]
    return only === undefined
      ? outcome.title[language]
      : `${only.label[language]}: ${inSentence(measure.title[language])} ${sayBand(measure, only, language)}.`
  }
  const waits = {
    ko: `대기 시간(p95)은 ${best.label.ko}에서 가장 짧고(${sayBand(measure, best, 'ko')}) ${worst.label.ko}에서 가장 깁니다(${sayBand(measure, worst, 'ko')})`,
    en: `the wait (p95) is shortest in ${best.label.en} (${sayBand(measure, best, 'en')}) and longest in ${worst.label.en} (${sayBand(measure, worst, 'en')})`,
  }[language]
  if (outcome.promises.length === 0) return `${capitalized(waits)}.`
  const kept = base.stops.filter((stop) => keptAt(outcome.promises, base, stop)).length
  const promise = sayPromises(outcome)[language]
  return {
    ko: `시나리오 ${base.stops.length}개 가운데 ${kept}개가 ‘${promise}’ 약속을 지키며, ${waits}.`,
    en: `${kept} of ${base.stops.length} scenarios keep the promise “${promise}”; ${waits}.`,
  }[language]
}

/** The numbers at the stop that figures are read off at. */
export const detailOf = (outcome: StudyOutcome, answer: Answer): Bilingual =>
  inBoth((language) => {
    const { arrangement, stop } = answer
    const { axis, base } = arrangement
    const lead = under(arrangement, language)
    const spot = saySpot(axis, stop)[language]
    const seeds = stop.rows.length
    const delivered = bandAt(base, 'delivered_ef', stop.point)
    const wait = bandAt(base, 'wait_p95_s', stop.point)
    if (delivered === undefined || wait === undefined) return ''
    const said = sayBand(measureOf('delivered_ef', outcome), delivered, language)
    const isNothing = wait.mean === 0 && (wait.halfWidth ?? 0) === 0
    const waits = sayBand(measureOf('wait_p95_s', outcome), wait, language)
    const of = {
      ko: seeds === 1 ? '시드 하나의 값' : `시드 ${seeds}개의 평균과 95 % 신뢰구간`,
      en: seeds === 1 ? 'one seed' : `mean of ${seeds} seeds and its 95 % interval`,
    }[language]
    const means = {
      ko: `${lead}${spot}에서는 ${withParticleAfter(said, '이')} 실제로 쓰이고, 작업 100건 가운데 95건이 ${isNothing ? '기다리지 않고' : `${waits} 안에`} 시작합니다(${of}).`,
      en: capitalized(
        `${lead}at ${spot}, ${said} are delivered and 95 of 100 jobs start ${isNothing ? 'at once' : `within ${waits}`} (${of}).`,
      ),
    }[language]
    const left = leftWaiting(outcome, answer, language)
    return left === '' ? means : `${means} ${left}`
  })

/** A promise on the waits of all is kept by the many small jobs: which size clearly waits longer where it is kept, and the longest. */
function leftWaiting(outcome: StudyOutcome, { arrangement: { axis, base } }: Answer, language: Language): string {
  const promised = outcome.promises.find(
    ({ column, comparison }) => column === 'wait_p95_s' && comparison.startsWith('<'),
  )
  if (promised === undefined) return ''
  const found = base.stops
    .filter((stop) => keptAt(outcome.promises, base, stop))
    .flatMap(({ point }) => sizeClasses.map(({ name }) => ({ point, column: waitColumn(95, name) })))
    .map(({ point, column }) => ({ column, band: bandAt(base, column, point) }))
    .filter(({ band }) => band !== undefined && band.mean - (band.halfWidth ?? 0) > promised.value)
    .sort((a, b) => b.band!.mean - a.band!.mean)[0]
  if (found === undefined) return ''
  const measure = measureOf(found.column, outcome)
  const waits = sayBand(measure, found.band!, language)
  const spot = saySpot(axis, found.band!)[language]
  return {
    ko: `큰 작업은 더 기다립니다. ${spot}에서 ${withParticleAfter(measure.title.ko, '은')} ${waits}입니다.`,
    en: `Large jobs wait longer: at ${spot}, the ${inSentence(measure.title.en)} is ${waits}.`,
  }[language]
}

/** How a measure runs along the axis, or which names lie highest and lowest; and where the other lines end. */
export const summaryOf = (arrangement: Arrangement, measure: Measure): Bilingual =>
  inBoth((language) => change(arrangement, measure, language))

function change(arrangement: Arrangement, measure: Measure, language: Language): string {
  const { axis, base, series } = arrangement
  const bands = bandsOf(base, measure.column)
  const [first, last] = [bands[0], bands.at(-1)]
  const title = { ko: withParticleAfter(measure.title.ko, '은'), en: inSentence(measure.title.en) }
  if (first === undefined || last === undefined) return { ko: '값이 없습니다.', en: 'There are no values.' }[language]
  if (bands.length === 1) {
    const spot = saySpot(axis, first)[language]
    if (series.length > 1) {
      const each = series.flatMap((one) =>
        bandsOf(one, measure.column).map((band) => `${one.title[language]} ${sayBand(measure, band, language)}`),
      )
      return {
        ko: `${spot}에서 ${title.ko} ${each.join(', ')}입니다.`,
        en: `${capitalized(title.en)} at ${spot}: ${each.join(', ')}.`,
      }[language]
    }
    const said = sayBand(measure, first, language)
    return {
      ko: `${spot}에서 ${title.ko} ${said}입니다.`,
      en: `At ${spot}, ${title.en} ${measure.isPlural ? 'are' : 'is'} ${said}.`,
    }[language]
  }
  if (axis.column === null) return extremes(bands, measure, title, under(arrangement, language), language)
  const [from, to] = [saySpot(axis, first)[language], saySpot(axis, last)[language]]
  const [a, b] = [sayBand(measure, first, language), sayBand(measure, last, language)]
  const lead = under(arrangement, language)
  const clear = areApart(first, last)
  const way = last.mean > first.mean ? 'up' : 'down'
  const plural = measure.isPlural ?? false
  const others = series.length > 1 ? spread(arrangement, measure, last.point, language) : ''
  if (language === 'ko') {
    const verb =
      measure.scale === 'part' || measure.scale === 'index'
        ? { up: '높아집니다', down: '낮아집니다' }
        : { up: '늘어납니다', down: '줄어듭니다' }
    const said =
      first.mean === last.mean && a === b
        ? `줄곧 ${a}입니다`
        : clear
          ? `${a}에서 ${withParticleAfter(b, '으로')} ${verb[way]}`
          : `${a}에서 ${b} 사이로, 뚜렷이 달라지지 않습니다`
    return `${lead}${from}에서 ${to}까지 ${title.ko} ${said}.${others}`
  }
  const said =
    first.mean === last.mean && a === b
      ? `${plural ? 'stay' : 'stays'} at ${a}`
      : clear
        ? `${way === 'up' ? 'rise' : 'fall'}${plural ? '' : 's'} from ${a} to ${b}`
        : `${plural ? 'do' : 'does'} not clearly change: ${a} and ${b}`
  return `${capitalized(`${lead}from ${from} to ${to}, ${title.en} ${said}`)}.${others}`
}

function extremes(
  bands: readonly Band[],
  measure: Measure,
  title: Bilingual,
  lead: string,
  language: Language,
): string {
  const sorted = bands.toSorted((a, b) => a.mean - b.mean)
  const [least, most] = [sorted[0]!, sorted.at(-1)!]
  const [low, high] = [sayBand(measure, least, language), sayBand(measure, most, language)]
  const be = measure.isPlural ? 'are' : 'is'
  if (least.mean === most.mean)
    return {
      ko: `${lead}어디서나 ${title.ko} ${low}입니다.`,
      en: capitalized(`${lead}${title.en} ${be} ${low} everywhere.`),
    }[language]
  return {
    ko: `${lead}${title.ko} ${least.label.ko}에서 가장 낮고(${low}) ${most.label.ko}에서 가장 높습니다(${high}).`,
    en: capitalized(
      `${lead}${title.en} ${be} lowest in ${least.label.en} (${low}) and highest in ${most.label.en} (${high}).`,
    ),
  }[language]
}

/** Where the lines lie at one stop, from the lowest to the highest. */
function spread({ series, axis }: Arrangement, measure: Measure, point: number, language: Language): string {
  const at =
    bandsOf(series[0]!, measure.column).find((band) => band.point === point) ??
    bandsOf(series[0]!, measure.column).at(-1)
  const x = at?.x ?? null
  const ends = series
    .flatMap((one) =>
      bandsOf(one, measure.column)
        .filter((band) => band.x === x)
        .map((band) => ({ one, band })),
    )
    .toSorted((a, b) => a.band.mean - b.band.mean)
  const [low, high] = [ends[0], ends.at(-1)]
  if (at === undefined || low === undefined || high === undefined || low === high) return ''
  const spot = saySpot(axis, at)[language]
  const [a, b] = [sayBand(measure, low.band, language), sayBand(measure, high.band, language)]
  return {
    ko: ` ${spot}에서는 ${a}(${low.one.title.ko})에서 ${b}(${high.one.title.ko})까지 갈립니다.`,
    en: ` At ${spot} ${measure.isPlural ? 'they are' : 'it is'} between ${a} (${low.one.title.en}) and ${b} (${high.one.title.en}).`,
  }[language]
}

/** Which group of jobs waits longest and which shortest at a stop. */
export const groupsSummaryOf = (
  outcome: StudyOutcome,
  { arrangement, stop }: Answer,
  groups: readonly { readonly column: string; readonly title: Bilingual }[],
): Bilingual =>
  inBoth((language) => {
    const measure = measureOf('wait_p95_s', outcome)
    const waits = groups
      .flatMap(({ column, title }) => {
        const band = bandAt(arrangement.base, column, stop.point)
        return band === undefined ? [] : [{ title: title[language], band }]
      })
      .toSorted((a, b) => a.band.mean - b.band.mean)
    const [least, most] = [waits[0], waits.at(-1)]
    if (least === undefined || most === undefined) return { ko: '값이 없습니다.', en: 'There are no values.' }[language]
    const lead = under(arrangement, language)
    const spot = saySpot(arrangement.axis, stop)[language]
    const [low, high] = [sayBand(measure, least.band, language), sayBand(measure, most.band, language)]
    if (least.band.mean === most.band.mean)
      return {
        ko: `${lead}${spot}에서는 모두 같습니다(p95, ${low}).`,
        en: capitalized(`${lead}at ${spot} all wait alike (p95, ${low}).`),
      }[language]
    return {
      ko: `${lead}${spot}에서 가장 오래 기다리는 쪽은 ${most.title}(p95 ${high}), 가장 짧게 기다리는 쪽은 ${least.title}(p95 ${low})입니다.`,
      en: capitalized(
        `${lead}at ${spot}, ${most.title} wait longest (p95 ${high}) and ${least.title} shortest (p95 ${low}).`,
      ),
    }[language]
  })
