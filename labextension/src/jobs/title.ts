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
    case 'environments.recreate':
      return trans.__('Recreate %1', job.subject);
    case 'environments.verify':
      return trans.__('Verify %1', job.subject);
    case 'packages.change':
      return trans.__('Change packages of %1', job.subject);
    case 'archives.export':
      return trans.__('Pack %1', job.subject);
    case 'archives.import':
      return trans.__('Import %1', job.subject);
    case 'packages.install':
      return trans.__('Install into %1', placeOf(job, trans));
    case 'usersite.probe':
      return trans.__('Prove what breaks a program');
    case 'usersite.reset':
      return trans.__('Set user packages aside');
    case 'usersite.remove':
      return trans.__('Delete user packages for good');
    case 'usersite.backup':
      return trans.__('Copy user packages');
    case 'usersite.restore':
      return trans.__('Restore %1', job.subject);
    case 'usersite.delete':
      return trans.__('Delete the snapshot %1', job.subject);
    default:
      return job.title;
  }
}

/** Where packages are installed; the server has words of its own for two of the places. */
function placeOf(job: Job, trans: TranslationBundle): string {
  switch (job.subject) {
    case 'the user site':
      return trans.__('the user packages');
    case 'the image':
      return trans.__('the image');
    default:
      return job.subject;
  }
}
