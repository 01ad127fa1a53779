// A broken build: commands are acknowledged first and sent a moment later.

import { addWrap } from '../wraps.ts'

const LATER_MS = 2_000

addWrap((ports) => ({
  ...ports,
  commands: {
    ...ports.commands,
    send: async (command) => {
      setTimeout(() => void ports.commands.send(command).catch(() => {}), LATER_MS)
    },
  },
}))
