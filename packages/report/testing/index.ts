export * from './sample-studies.ts'
