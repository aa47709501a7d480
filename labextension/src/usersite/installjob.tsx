/**
 * The job that installs: how far it is, what it says, and how it ended.
 */
import React, { useState } from 'react';

import { Button, ProgressBar } from '../components/parts';
import { ProblemCard } from '../components/problem';
import { Log } from '../jobs/log';
import { JobSign } from '../jobs/steps';
import { hasEnded, type IVoice } from '../text/words';
import type { Installing } from './installing';

/**
 * The newest of them; nothing where nothing was installed.
 */
export function InstallJob(props: {
  model: Installing;
  voice: IVoice;
}): React.JSX.Element | null {
  const { model, voice } = props;
  const { trans, format } = voice;
  const [isLogOpen, setLogOpen] = useState(false);
  const { feed } = model;
  const job = feed?.job ?? null;
  if (feed === null) {
    return null;
  }
  const seconds = job ? format.seconds(job.started, job.ended) : 0;
  return (
    <div className="jp-EnvMgr-installJob">
      {feed.problem && !job && (
        <ProblemCard problem={feed.problem} trans={trans} isNew />
      )}
      {model.isRunning && (
        <div className="jp-EnvMgr-working">
          <ProgressBar
            fraction={job?.progress ?? 0}
            label={trans.__('Installing')}
            text={job?.label}
            isUncertain={!job || job.state === 'queued' || job.cancelling}
          />
          <Button
            disabled={job?.cancelling}
            onClick={() => void model.cancel()}
          >
            {job?.cancelling ? trans.__('Cancelling…') : trans.__('Cancel')}
          </Button>
        </div>
      )}
      {job && hasEnded(job) && (
        <p className="jp-EnvMgr-end" role="status">
          <JobSign job={job} voice={voice} />
          {job.state === 'succeeded'
            ? trans.__('Installed in %1.', format.duration(seconds))
            : job.state === 'cancelled'
              ? trans.__('Cancelled.')
              : trans.__('It was not installed.')}
        </p>
      )}
      {job?.problem && job.state !== 'cancelled' && (
        <ProblemCard problem={job.problem} trans={trans} isNew>
          <Button onClick={() => setLogOpen(true)}>
            {trans.__('Show log')}
          </Button>
        </ProblemCard>
      )}
      {job && (
        <Log
          feed={feed}
          voice={voice}
          isOpen={isLogOpen}
          onToggle={setLogOpen}
        />
      )}
    </div>
  );
}
