// The parts that a page of figures is made of, for pages that are not about a study.

export { inUnit, type UnitChoice } from './study/amounts.ts'
export type { Axis, Band } from './study/arrangement.ts'
export type { CsvRow } from './study/csv.ts'
export { type Chart, drawLines, type Line, type Mark, signOf } from './study/drawing.ts'
export { type FigureView, figureHtml } from './study/figure-view.ts'
export { both, escaped } from './study/html.ts'
export type { Measure } from './study/measures.ts'
export { languageChoice, pageOf } from './study/page.ts'
export { type Cell, name, number, tableOf } from './study/tables.ts'
