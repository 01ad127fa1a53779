import { answer, type Message, type Question } from './worker-answers.ts'

/** The part of a worker's own scope that is used here; the types of browsers are not those of this package. */
declare const self: {
  onmessage: (event: { readonly data: Question }) => void
  postMessage(message: Message): void
}

self.onmessage = ({ data }) => answer(data, (message) => self.postMessage(message))
