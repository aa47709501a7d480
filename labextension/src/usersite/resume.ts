/**
 * What a job of the user site leads back to: the guided page as it was when the job began.
 */
import type { PartialJSONObject } from '@lumino/coreutils';

import type { Job } from '../api';
import type { IGuideState } from './state';

/**
 * The state of the page for a job; null for jobs that have no place on it.
 */
export function guideOf(job: Job): PartialJSONObject | null {
  switch (job.operation) {
    case 'usersite.probe':
      return { proof: job.id };
    case 'usersite.remove':
      return job.state === 'succeeded'
        ? { isUnproven: true, cure: 'remove', removed: job.subject }
        : { isUnproven: true, cure: 'remove', job: job.id };
    case 'usersite.reset': {
      const { snapshot } = job.result;
      return job.state === 'succeeded' && snapshot
        ? { isUnproven: true, cure: 'minor', snapshot }
        : { isUnproven: true, cure: 'minor', job: job.id };
    }
    default:
      return null;
  }
}

/**
 * Whether a page is about a job already.
 */
export function isAbout(state: IGuideState, job: Job): boolean {
  const { snapshot } = job.result;
  return (
    [state.proof, state.again, state.job, state.installs].includes(job.id) ||
    (job.operation === 'usersite.reset' &&
      snapshot !== undefined &&
      snapshot === state.snapshot)
  );
}
