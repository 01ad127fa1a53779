// Loaded into every process of the center before its own code. The channel to the supervisor closes when the supervisor
// is gone, however it went; the process then stops as if it had been asked to, and is gone soon after either way.
import { isMainThread } from 'node:worker_threads'

/** Longer than a service needs to put things in order, shorter than anybody's patience. */
const GRACE_MS = 8000

if (isMainThread && process.channel) {
  // Whatever the services write down is for the owner of the center only.
  process.umask(0o077)
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), GRACE_MS).unref()
    process.kill(process.pid, 'SIGTERM')
  })
  // The channel alone is no reason to stay: a process with nothing left to do may end.
  process.channel.unref()
}
