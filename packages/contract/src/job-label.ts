// What a live job carries through the core unread: its name and which simulated run it stands for. JSON in `label`.

import { z } from 'zod'

export const JobLabel = z.object({
  name: z.string(),
  /** How long the run really takes, of center time; longer than the time limit ends as TIMEOUT. */
  run_time_ms: z.int().min(0),
  exit_code: z.int().min(0).max(255),
  comment: z.string().optional(),
})
export type JobLabel = z.output<typeof JobLabel>

export const writeLabel = (label: JobLabel): string => JSON.stringify(label)

/** The label of a job, or null where somebody else's host wrote something different into it. */
export function readLabel(text: string): JobLabel | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const read = JobLabel.safeParse(value)
  return read.success ? read.data : null
}
