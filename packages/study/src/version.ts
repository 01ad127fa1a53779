import manifest from '../package.json' with { type: 'json' }

/** Of the program that decides a study's results. */
export const studyVersion = (): string => manifest.version
