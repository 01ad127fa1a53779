export * from './account-tree.ts'
export * from './admission.ts'
export {
  type Accelerator,
  type FigureName,
  figureNames,
  type NumberFormat,
  numberFormats,
} from './catalogue/accelerator.ts'
export * from './catalogue/capacity.ts'
export * from './catalogue/catalogue.ts'
export type { Figure, FigureStatus, Reading } from './catalogue/figure.ts'
export * from './catalogue/job-speed.ts'
export * from './catalogue/npu-readiness.ts'
export { figureSources, type SourceKey } from './catalogue/sources.ts'
export * from './center-file.ts'
export * from './command-schema.ts'
export * from './errors.ts'
export * from './fair-tree-file.ts'
export * from './findings.ts'
export * from './http/center.ts'
export * from './http/event.ts'
export * from './http/job.ts'
export * from './http/overview.ts'
export * from './http/primitive.ts'
export * from './http/service.ts'
export * from './http/study.ts'
export * from './issuer-file.ts'
export * from './job-file.ts'
export * from './job-label.ts'
export * from './job-options.ts'
export * from './korean.ts'
export * from './language.ts'
export * from './message.ts'
export * from './model-file.ts'
export * from './moment.ts'
export * from './nearest-name.ts'
export * from './policy-file.ts'
export { powerParts } from './power-file.ts'
export * from './problem.ts'
export * from './quantity.ts'
export * from './reasons.ts'
export * from './scenario/by-year.ts'
export type { ScenarioText } from './scenario/extension.ts'
export * from './scenario/fleet.ts'
export * from './scenario/scenario-file.ts'
export * from './scenario/scenario-reading.ts'
export { scenarioJsonSchema } from './scenario/scenario-schema.ts'
export * from './scenario/with-fields.ts'
export * from './settings.ts'
export * from './study/result-row.ts'
export * from './study/study-outcome.ts'
export {
  type Solve,
  STUDY_UNITS_MAX,
  StudySection,
  type SweptAxis,
  seedsOf,
  tooManyUnits,
} from './study/study-section.ts'
export * from './study/threshold.ts'
