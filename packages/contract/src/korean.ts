// Korean particles change with the sound before them. Names here are often Latin letters and digits, so the sound is that
// of the last syllable as it is read aloud; where nobody can tell, both forms are written, as Korean forms do: 은(는).

/** Pairs are [after a consonant, after a vowel]. */
const particles = {
  은: ['은', '는'],
  이: ['이', '가'],
  을: ['을', '를'],
  과: ['과', '와'],
  으로: ['으로', '로'],
} as const
export type Particle = keyof typeof particles

type Sound = 'vowel' | 'consonant' | 'rieul' | 'unknown'

/** 영 일 이 삼 사 오 육 칠 팔 구; 10, 100 and 1000 (십 백 천) end in a consonant as 0 does. */
const digitSounds: readonly Sound[] = [
  'consonant',
  'rieul',
  'vowel',
  'consonant',
  'vowel',
  'vowel',
  'consonant',
  'rieul',
  'rieul',
  'consonant',
]

function lastSound(word: string): Sound {
  const last = word.replace(/[^\p{L}\p{N}]+$/u, '').at(-1) ?? ''
  const code = last.charCodeAt(0)
  if (code >= 0xac00 && code <= 0xd7a3) {
    const final = (code - 0xac00) % 28
    if (final === 0) return 'vowel'
    return final === 8 ? 'rieul' : 'consonant'
  }
  if (/^[0-9]$/.test(last)) return digitSounds[Number(last)] ?? 'unknown'
  return 'unknown'
}

/** The word with its particle: `withParticle('노드', '은')` is `노드는`. */
export function withParticle(word: string, particle: Particle): string {
  const [afterConsonant, afterVowel] = particles[particle]
  switch (lastSound(word)) {
    case 'vowel':
      return word + afterVowel
    case 'consonant':
      return word + afterConsonant
    case 'rieul':
      return word + (particle === '으로' ? afterVowel : afterConsonant)
    case 'unknown':
      return particle === '으로' ? `${word}(으)로` : `${word}${afterConsonant}(${afterVowel})`
  }
}
