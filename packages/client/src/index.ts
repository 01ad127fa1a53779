export {
  type Client,
  type ClientOptions,
  createClient,
  everyItem,
  type PageOptions,
} from './client.ts'
export { ClientError } from './client-error.ts'
export type { FollowOptions, ReceivedEvent } from './events.ts'
