// Whether somebody who reads Korean can read a sentence: names, numbers and what stands in quotes may be in any letters.

const quoted = /`[^`]*`|"[^"]*"/g
/** Words of one English clause behind each other, as no list of names has them. */
const english = /[a-z]+ [a-z]+ [a-z]+/i

export const isKorean = (text: string): boolean => /[가-힣]/.test(text) && !english.test(text.replaceAll(quoted, ''))
