import type { Epoch, Score } from './epoch.ts';

/** What a score has figures of. */
export type ScoreName = keyof Score;

/** The parts of the data that are scored. */
export type Part = 'train' | 'validation';

/** The names of all figures in these epochs, losses first. */
export function scoreNames(epochs: readonly Epoch[]): ScoreName[] {
  const scores = epochs.flatMap(({ train, validation = train }) => [train, validation]);
  return [...new Set(scores.flatMap((score) => Object.keys(score) as ScoreName[]))];
}

/** The figure of this name of each epoch; NaN where there is none. */
export function valuesOf(epochs: readonly Epoch[], part: Part, name: ScoreName): number[] {
  return epochs.map((epoch) => epoch[part]?.[name] ?? Number.NaN);
}
