import { expect, it } from 'vitest'
import { powerInWords } from './power-words.ts'

const power = { cap_w: 25_000_000, draw_w: 24_100_400, idle_w: 7_650_000 }

it('says what is drawn, the cap and what is left of it', () => {
  expect(powerInWords(power)).toEqual({
    ko: '전력 24.1 MW(빈 노드 몫 7.65 MW), 상한 25 MW, 남은 전력 900 kW',
    en: 'Draw 24.1 MW, 7.65 MW of it by nodes alone; power cap 25 MW, 900 kW left',
  })
  expect(powerInWords({ ...power, cap_w: null }).en).toBe('Draw 24.1 MW, 7.65 MW of it by nodes alone; no power cap')
})

it('has nothing left where a cap was set below what runs', () => {
  expect(powerInWords({ ...power, cap_w: 20_000_000 }).en).toContain('power cap 20 MW, 0 W left')
})
