/**
 * How sure a finding is: its words, and how many there are of each.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Diagnosis, Finding } from '../api';
import type { IVoice } from '../text/words';

export type Severity = Finding['severity'];

/** The worst first. */
export const SEVERITIES: readonly Severity[] = [
  'proven',
  'will-fail',
  'risk',
  'note'
];

/**
 * The word for how sure a finding is, and what that means.
 */
export function severityWord(
  severity: Severity,
  trans: TranslationBundle
): readonly [string, string] {
  switch (severity) {
    case 'proven':
      return [trans.__('proven'), trans.__('It was tried, and it failed')];
    case 'will-fail':
      return [trans.__('will fail'), trans.__('It cannot work as it is')];
    case 'risk':
      return [trans.__('risk'), trans.__('It may fail')];
    default:
      return [trans.__('note'), trans.__('Good to know')];
  }
}

/**
 * The counts of a diagnosis in words, such as “2 proven · 1 will fail”.
 */
export function countsOf(diagnosis: Diagnosis, voice: IVoice): string {
  const { trans, format } = voice;
  return SEVERITIES.filter(severity => diagnosis.counts[severity])
    .map(severity => {
      const count = diagnosis.counts[severity];
      const shown = format.count(count);
      switch (severity) {
        case 'risk':
          return trans._n('%2 risk', '%2 risks', count, shown);
        case 'note':
          return trans._n('%2 note', '%2 notes', count, shown);
        default:
          return `${shown} ${severityWord(severity, trans)[0]}`;
      }
    })
    .join(' · ');
}

/**
 * How many findings of a diagnosis are problems; notes are none.
 */
export function problemCount(diagnosis: Diagnosis): number {
  const { counts } = diagnosis;
  return (counts.proven ?? 0) + (counts['will-fail'] ?? 0) + (counts.risk ?? 0);
}

/**
 * How many findings are sure to break something, and how many may: what a badge shows.
 */
export function badgeCounts(diagnosis: Diagnosis): readonly [number, number] {
  const { counts } = diagnosis;
  const sure = (counts.proven ?? 0) + (counts['will-fail'] ?? 0);
  return [sure, counts.risk ?? 0];
}
