export { inventedRow, inventedStudy } from './invented-study.ts'
