import { formatWatts, type Language, parseWatts, wattForms } from '@dure/contract'
import type { Command } from 'commander'
import { openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { Failure } from '../failure.ts'
import { powerInWords } from '../power-words.ts'
import { openScreen } from '../screen.ts'

interface Options extends ServerOptions {
  readonly reason?: string
}

export function declare(command: Command, language: Language): void {
  command
    .argument(
      '[CAP]',
      {
        ko: '메가와트 또는 단위를 붙인 전력, 해제는 none. 생략하면 지금 상태를 보임',
        en: 'megawatts, or a power with its unit; none lifts it. Without it, what is drawn now',
      }[language],
    )
    .option('--reason <TEXT>', { ko: '로그에 남길 이유', en: 'why, for the log of the API' }[language])
  addServerOptions(command, language)
  command.action(async (cap: string | undefined) => {
    const options = command.optsWithGlobals<Options>()
    const screen = openScreen(options, language)
    const capW = cap === undefined ? undefined : capOf(cap, language)
    const center = openCenter(options, language)
    if (capW === undefined) {
      const { power } = await center.listPools()
      if (power === undefined) throw new Failure('ERR_WATTS_UNKNOWN')
      if (screen.json) screen.document(power)
      else screen.data(powerInWords(power)[language])
      return
    }
    const accepted = await center.capPower(capW, options.reason)
    if (screen.json) screen.document(accepted)
    else screen.say(doneInWords(capW)[language])
  })
}

/** A bare number is megawatts: whoever caps a center thinks in them. */
function capOf(text: string, language: Language): number | null {
  if (text === 'none') return null
  const watts = parseWatts(/^[\d.]+$/.test(text) ? `${text}MW` : text)
  if (watts !== null) return watts
  throw new Failure('ERR_USAGE', {
    detail: {
      ko: `전력 상한은 none, 메가와트(25) 또는 단위를 붙인 전력(800kW)이어야 합니다. 받은 값은 "${text}"입니다`,
      en: `a power cap is none, megawatts (25), or ${wattForms.en}; "${text}" is none of these`,
    }[language],
  })
}

const doneInWords = (capW: number | null) =>
  capW === null
    ? { ko: '전력 상한을 해제합니다.', en: 'The power cap is lifted.' }
    : {
        ko: `전력 상한을 ${formatWatts(capW)}로 정합니다. 실행 중인 작업은 멈추지 않습니다.`,
        en: `The center is capped at ${formatWatts(capW)}. What runs goes on.`,
      }
