/**
 * What jobs are called.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Job } from '../api';

/**
 * What a job is about, in the reader's language where the operation is known.
 */
export function titleOfJob(job: Job, trans: TranslationBundle): string {
  switch (job.operation) {
    case 'environments.create':
      return trans.__('Create %1', job.subject);
    case 'environments.remove':
      return trans.__('Remove %1', job.subject);
    default:
      return job.title;
  }
}
