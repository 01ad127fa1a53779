// What an engineer checks: the machines in every unit with what is unknown of them, where figures come from, what was simulated, and
// every row.

import {
  type Bilingual,
  type CapacityGap,
  capacityGaps,
  type Language,
  resultColumns,
  type StudyOutcome,
} from '@dure/contract'
import { formatCount } from '../numbers.ts'
import { formatDigits } from './amounts.ts'
import { csvOf } from './csv.ts'
import { fileLink } from './figure-view.ts'
import { both, escaped } from './html.ts'
import { capacityUnits } from './measures.ts'
import { type Cell, name, number, tableOf } from './tables.ts'

const plain = (text: string): Bilingual => ({ ko: text, en: text })

/** Peaks of every point in every unit. */
export function capacityPart({ points }: StudyOutcome): string {
  const headings: Cell[] = [
    { text: { ko: '지점', en: 'Point' } },
    number({ ko: '가속기', en: 'Accelerators' }),
    ...(['fp64', 'bf16', 'fp8', 'h100_equivalents', 'h100_equivalents_fp64'] as const).map((unit) =>
      number(capacityUnits[unit]),
    ),
    number({ ko: '성능 미상', en: 'Peak unknown' }),
    { text: { ko: '구성', en: 'Fleet' } },
  ]
  const rows = points.map(({ label, capacity, fleet }) => [
    { text: label },
    number(formatCount(fleet.reduce((sum, { accelerators }) => sum + accelerators, 0))),
    number(formatDigits(capacity.fp64)),
    number(formatDigits(capacity.bf16)),
    number(formatDigits(capacity.fp8)),
    number(formatCount(capacity.h100_equivalents)),
    number(formatCount(capacity.h100_equivalents_fp64)),
    number(formatCount(capacity.accelerators_unknown)),
    name(fleet.map(({ model, accelerators }) => `${model} × ${formatCount(accelerators)}`).join(', ')),
  ])
  const caption = { ko: '지점마다 설치된 성능, 밀집 연산 최대치', en: 'What is installed at each point: peaks, dense' }
  const gaps = gapSentences(points)
  const list =
    gaps.length === 0 ? '' : `<ul class="note prose">${gaps.map((gap) => `<li>${both(gap)}</li>`).join('')}</ul>`
  return `<section class="card prose" aria-labelledby="capacity-heading"><h3 id="capacity-heading">${both({ ko: '모든 단위로 본 성능', en: 'Capacity in every unit' })}</h3>
${tableOf('capacity-table', caption, headings, rows)}${list}</section>`
}

const gapReasons: Readonly<Record<CapacityGap['reason'], Bilingual>> = {
  'no-format': { ko: '그 형식의 연산기가 없음', en: 'has no such format' },
  unpublished: { ko: '공개된 값이 없음', en: 'nobody has published it' },
  'no-such-model': { ko: '목록에 없는 기종', en: 'not in the catalogue' },
  'no-model': { ko: '기종을 밝히지 않음', en: 'no model named' },
}

/** What counts as 0 in a unit, and why: one sentence a model. */
function gapSentences(points: StudyOutcome['points']): Bilingual[] {
  const fleet = points.flatMap((point) =>
    point.fleet.map(({ model, accelerators }) => ({ model, count: accelerators })),
  )
  const models = new Map<string, Map<CapacityGap['reason'], Set<string>>>()
  for (const { model, format, reason } of capacityGaps(fleet)) {
    const reasons = models.get(model ?? '?') ?? new Map<CapacityGap['reason'], Set<string>>()
    models.set(model ?? '?', reasons.set(reason, (reasons.get(reason) ?? new Set()).add(format.toUpperCase())))
  }
  return [...models].map(([model, reasons]) => {
    const of = (language: Language): string =>
      [...reasons].map(([reason, formats]) => `${[...formats].join(', ')} (${gapReasons[reason][language]})`).join('; ')
    return { ko: `${model}: 0으로 계산한 것 ${of('ko')}`, en: `${model} counts as 0 in ${of('en')}` }
  })
}

/** Center files write that a number is assumed where others have a source. */
const assumedFrom = (source: string): Bilingual =>
  source === '' || source === 'assumed'
    ? { ko: '가정', en: 'assumed' }
    : { ko: `가정: ${source}`, en: `assumed: ${source}` }

/** Figures that the scenario takes from somewhere or assumes. */
export function sourcesPart({ figures, sources }: StudyOutcome): string {
  if (figures.length === 0) return ''
  const headings: Cell[] = [
    { text: { ko: '무엇', en: 'What' } },
    { text: { ko: '값', en: 'Value' } },
    { text: { ko: '단위', en: 'Unit' } },
    { text: { ko: '출처', en: 'Source' } },
  ]
  const rows = figures.map(({ what, value, unit, source, assumed }) => [
    { text: what },
    typeof value === 'number' ? number(formatDigits(value)) : name(value),
    name(unit),
    {
      text: assumed ? assumedFrom(source) : plain(source),
    },
  ])
  const assumed = figures.filter((figure) => figure.assumed).length
  const caption = {
    ko: `값 ${figures.length}개, 그 가운데 가정 ${assumed}개`,
    en: `${figures.length} figures, ${assumed} of them assumed`,
  }
  return `<section class="card prose" aria-labelledby="sources-heading"><h3 id="sources-heading">${both({ ko: '값과 출처', en: 'Figures and their sources' })}</h3>
${tableOf('sources-table', caption, headings, rows)}${pagesOf(sources)}</section>`
}

/** What the keys in the table stand for. */
function pagesOf(sources: StudyOutcome['sources']): string {
  if (sources.length === 0) return ''
  const pages = sources.map(({ key, page }) => `<dt>${escaped(key)}</dt><dd>${escaped(page)}</dd>`)
  return `<h4>${both({ ko: '출처의 기호', en: 'The keys of sources' })}</h4><dl class="facts">${pages.join('')}</dl>`
}

/** What was simulated, so that anybody can do it again. */
export function provenancePart({ provenance, seeds, policies, points, rows }: StudyOutcome): string {
  const { scenario_hash, version, from, days, warmup_days } = provenance
  const facts: readonly (readonly [Bilingual, string])[] = [
    [{ ko: '시나리오 SHA-256', en: 'Scenario SHA-256' }, `<code>${escaped(scenario_hash)}</code>`],
    [{ ko: '두레 판과 소스의 해시', en: 'Dure version and hash of its sources' }, escaped(version)],
    [
      { ko: '모의한 기간', en: 'Simulated time' },
      both({
        ko: `${from}부터 ${formatDigits(days)}일, 처음 ${formatDigits(warmup_days)}일은 재지 않음`,
        en: `${formatDigits(days)} days from ${from}, the first ${formatDigits(warmup_days)} not measured`,
      }),
    ],
    [{ ko: '시드', en: 'Seeds' }, escaped(seeds.join(', '))],
    [{ ko: '정책', en: 'Policies' }, escaped(policies.join(', '))],
    [
      { ko: '모의 횟수', en: 'Simulations' },
      both({
        ko: `${formatCount(rows.length)}번(지점 ${formatCount(points.length)}개)`,
        en: `${formatCount(rows.length)} (of ${formatCount(points.length)} points)`,
      }),
    ],
  ]
  return `<section class="card prose" aria-labelledby="provenance-heading"><h3 id="provenance-heading">${both({ ko: '무엇을 모의했는가', en: 'What was simulated' })}</h3>
<dl class="facts">${facts.map(([label, value]) => `<dt>${both(label)}</dt><dd>${value}</dd>`).join('')}</dl></section>`
}

/** How charts are to be read. */
export function readingPart({ seeds }: StudyOutcome): string {
  const notes: readonly Bilingual[] = [
    {
      ko: `선은 시드 ${seeds.length}개의 평균, 띠는 그 평균의 95 % 신뢰구간(스튜던트 t), 작은 점은 시드 하나하나입니다. 시드가 적으면 띠가 넓습니다.`,
      en: `Lines are means of ${seeds.length} seeds, bands their 95 % intervals (Student’s t), small dots single seeds. Few seeds make wide bands.`,
    },
    {
      ko: '대기 시간(p95)은 작업 100건 가운데 95건이 그 안에 시작했다는 뜻입니다. 끝까지 시작하지 못한 작업도 그때까지 기다린 시간으로 셉니다. 대기 시간의 축은 1분까지는 비례, 그 위로는 로그입니다.',
      en: 'A wait (p95) of some length means that 95 of 100 jobs started within it. Jobs that had not started by the end count with what they had waited. Axes of waits run in proportion up to a minute and by logarithm above.',
    },
    {
      ko: '꺾이는 지점은 대기 시간(p95) 곡선이 양 끝을 이은 직선에서 가장 멀리 떨어진 곳입니다(Kneedle, Satopää 외, 2011). 뚜렷하지 않으면 표시하지 않습니다.',
      en: 'The knee is where the curve of waits (p95) lies farthest from the line between its ends (Kneedle, Satopää et al., 2011). Where there is no clear bend, none is marked.',
    },
  ]
  return `<section class="card prose" aria-labelledby="reading-heading"><h3 id="reading-heading">${both({ ko: '그림 읽는 법', en: 'How to read the charts' })}</h3>
${notes.map((note) => `<p class="note">${both(note)}</p>`).join('\n')}</section>`
}

/** Every row with every column, as `results.csv` has them. */
export function rowsPart(outcome: StudyOutcome): string {
  const { rows } = outcome
  const own: readonly string[] = resultColumns
  const swept = outcome.fields.map(({ column }) => column).filter((column) => !own.includes(column))
  const further = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
    (column) => !own.includes(column) && !swept.includes(column),
  )
  const columns = [
    'point',
    'policy',
    ...swept,
    ...own.filter((column) => column !== 'point' && column !== 'policy'),
    ...further,
  ]
  const records = rows as readonly Readonly<Record<string, number | string | null>>[]
  const caption = { ko: `모든 행 ${formatCount(rows.length)}개`, en: `All ${formatCount(rows.length)} rows` }
  const cells = records.map((row) =>
    columns.map((column) => {
      const value = row[column] ?? null
      return typeof value === 'number' ? number(String(value)) : name(value ?? '–')
    }),
  )
  const isNumber = (column: string): boolean => records.some((row) => typeof row[column] === 'number')
  const headings = columns.map((column) => (isNumber(column) ? number(column) : name(column)))
  return `<section class="card rows" aria-labelledby="rows-heading"><h3 id="rows-heading">${both({ ko: '모든 값', en: 'Every value' })}</h3>
<div class="tools"><details><summary>${both(caption)}</summary>
${tableOf('rows-table', caption, headings, cells)}</details>
${fileLink(`${outcome.name}-results`, csvOf(columns, records), { ko: 'CSV 내려받기', en: 'Save as CSV' }, caption)}</div></section>`
}
