export * from './page-steps.ts'
export { type StandInServer, standInServer } from './stand-in-server.ts'
