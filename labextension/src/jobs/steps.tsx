/**
 * The state and the steps of a job, with their signs.
 */
import { checkIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { Job } from '../api';
import { Sign } from '../components/parts';
import {
  failedIcon,
  readyIcon,
  stoppedIcon,
  waitingIcon,
  workingIcon
} from '../icons';
import { hasEnded, type IVoice, jobStateWord } from '../text/words';
import type { IStep } from './feed';

/**
 * The icon of a job's state, with its word.
 */
export function JobSign(props: { job: Job; voice: IVoice }): React.JSX.Element {
  const { job, voice } = props;
  const word = jobStateWord(job, voice.trans);
  switch (job.state) {
    case 'queued':
      return <Sign icon={waitingIcon} word={word} />;
    case 'running':
      return <Sign icon={workingIcon} word={word} className="jp-mod-working" />;
    case 'succeeded':
      return <Sign icon={readyIcon} word={word} className="jp-mod-ready" />;
    case 'failed':
      return <Sign icon={failedIcon} word={word} className="jp-mod-failed" />;
    default:
      return <Sign icon={stoppedIcon} word={word} className="jp-mod-quiet" />;
  }
}

export function Steps(props: {
  steps: readonly IStep[];
  job: Job;
  voice: IVoice;
}): React.JSX.Element | null {
  const { steps, job, voice } = props;
  const { trans, format } = voice;
  if (steps.length === 0) {
    return null;
  }
  const last = steps.length - 1;
  const total = steps[last].total;
  const ahead = hasEnded(job) ? 0 : Math.max(0, total - steps[last].number);
  return (
    <>
      <ol className="jp-EnvMgr-jobSteps" aria-label={trans.__('Steps')}>
        {steps.map((step, index) => {
          const end = steps[index + 1]?.started ?? job.ended;
          const isCurrent = index === last && !hasEnded(job);
          return (
            <li
              key={step.step}
              aria-current={isCurrent ? 'step' : undefined}
              className={isCurrent ? 'jp-mod-current' : undefined}
            >
              <StepSign isLast={index === last} job={job} voice={voice} />
              <span>{step.title}</span>
              {!isCurrent && (
                <span className="jp-EnvMgr-quiet">
                  {format.duration(format.seconds(step.started, end))}
                </span>
              )}
            </li>
          );
        })}
      </ol>
      {ahead > 0 && (
        <p className="jp-EnvMgr-quiet">
          {trans._n('%1 more step', '%1 more steps', ahead)}
        </p>
      )}
    </>
  );
}

function StepSign(props: {
  isLast: boolean;
  job: Job;
  voice: IVoice;
}): React.JSX.Element {
  const { isLast, job, voice } = props;
  if (isLast && job.state !== 'succeeded') {
    return <JobSign job={job} voice={voice} />;
  }
  return (
    <Sign
      icon={checkIcon}
      word={voice.trans.__('done')}
      className="jp-mod-ready"
    />
  );
}
