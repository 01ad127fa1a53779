import { parentPort } from 'node:worker_threads'
import { answer, type Question } from './worker-answers.ts'

parentPort?.once('message', (question: Question) => answer(question, (message) => parentPort?.postMessage(message)))
