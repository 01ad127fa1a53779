import { expect, it } from 'vitest'
import { released, unbroken, withParticleAfter } from './languages.ts'

it.each([
  ['대기 시간(p95)', '은', '대기 시간(p95)은'],
  ['1.2 EF(FP64)', '이', '1.2 EF(FP64)가'],
  ['1.2 EF(BF16)', '이', '1.2 EF(BF16)가'],
  ['81.0 ± 1.4 %', '으로', '81.0 ± 1.4 %로'],
  ['38.8 MW', '으로', '38.8 MW로'],
  ['9.1 ± 1.2시간', '으로', '9.1 ± 1.2시간으로'],
  ['53건', '으로', '53건으로'],
  ['695 ± 9 tCO₂e', '으로', '695 ± 9 tCO₂e으로'],
] as const)('%s takes the particle %s as it is read: %s', (text, particle, said) =>
  expect(withParticleAfter(text, particle)).toBe(said),
)

it('holds numbers with their units together, and lets them go again', () => {
  const text = 'within 9.1 ± 1.2 h at 1.2 EF (FP64)'
  expect(unbroken(text).split(' ')).toHaveLength(4)
  expect(released(unbroken(text))).toBe(text)
  expect(unbroken('시간(p95)은')).not.toBe('시간(p95)은')
  expect(released(unbroken('시간(p95)은'))).toBe('시간(p95)은')
})
