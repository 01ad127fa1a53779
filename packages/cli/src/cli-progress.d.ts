// The part of cli-progress that is used; the package brings no types of its own.
declare module 'cli-progress' {
  export interface BarOptions {
    readonly format?: string
    readonly stream?: NodeJS.WriteStream
    readonly hideCursor?: boolean
    readonly linewrap?: boolean
    readonly barsize?: number
    readonly clearOnComplete?: boolean
  }
  export class SingleBar {
    constructor(options: BarOptions)
    start(total: number, value: number): void
    update(value: number): void
    setTotal(total: number): void
    stop(): void
  }
}
