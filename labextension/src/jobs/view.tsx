/**
 * One job as a page: its steps, its progress, its log, and what comes after it.
 */
import { UseSignal } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React, { useEffect, useReducer, useState } from 'react';

import { type Job, type Problem, problemOf } from '../api';
import { CommandIDs } from '../commands/ids';
import { Button, ProgressBar, Skeleton } from '../components/parts';
import { ProblemCard } from '../components/problem';
import { hasEnded, type IVoice, jobStateWord } from '../text/words';
import type { JobFeed } from './feed';
import { Log } from './log';
import type { JobsModel } from './model';
import { hasPacked } from './packed';
import { Packed } from './result';
import { JobSign, Steps } from './steps';
import { titleOfJob } from './title';

/** The operations after which there is a new environment to be opened. */
const MAKING: readonly string[] = ['environments.create', 'archives.import'];

export interface IJobViewProps {
  feed: JobFeed;
  jobs: JobsModel;
  commands: CommandRegistry;
  voice: IVoice;
  hasTerminals: boolean;
  /** Go back to the form; null where there is none to go back to. */
  onEdit: (job: Job) => void;
  /** Do it again, as it was asked for. */
  onRetry: (job: Job) => Promise<void>;
}

/**
 * The page.
 */
export function JobView(props: IJobViewProps): React.JSX.Element {
  return (
    <UseSignal signal={props.feed.changed}>
      {() => (
        <UseSignal signal={props.jobs.changed}>
          {() => <Content {...props} />}
        </UseSignal>
      )}
    </UseSignal>
  );
}

function Content(props: IJobViewProps): React.JSX.Element {
  const { feed, jobs, voice } = props;
  const { trans } = voice;
  const [isLogOpen, setLogOpen] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const job = jobs.find(feed.id) ?? feed.job;
  if (!job) {
    return (
      <div className="jp-EnvMgr-page">
        {feed.problem ? (
          <ProblemCard problem={feed.problem} trans={trans} isNew />
        ) : (
          <Skeleton lines={5} trans={trans} />
        )}
      </div>
    );
  }
  const attempt = (action: () => Promise<void>) => {
    setProblem(null);
    action().catch(error => setProblem(problemOf(error, trans)));
  };
  return (
    <div className="jp-EnvMgr-page">
      <h2>{headingOf(job, voice)}</h2>
      <State {...props} job={job} attempt={attempt} />
      {hasPacked(job) && <Packed {...props} job={job} />}
      {problem && (
        <ProblemCard
          problem={problem}
          trans={trans}
          isNew
          onDismiss={() => setProblem(null)}
        />
      )}
      {feed.problem && !hasEnded(job) && (
        <ProblemCard problem={feed.problem} trans={trans} />
      )}
      {job.problem && job.state !== 'cancelled' && (
        <ProblemCard problem={job.problem} trans={trans} isNew>
          <After
            {...props}
            job={job}
            attempt={attempt}
            showLog={() => setLogOpen(true)}
          />
        </ProblemCard>
      )}
      {job.state === 'cancelled' && job.operation === 'environments.create' && (
        <div className="jp-EnvMgr-actions">
          <Button onClick={() => props.onEdit(job)}>
            {trans.__('Edit and retry')}
          </Button>
        </div>
      )}
      <Steps steps={feed.steps} job={job} voice={voice} />
      <Log feed={feed} voice={voice} isOpen={isLogOpen} onToggle={setLogOpen} />
      {!hasEnded(job) && (
        <p className="jp-EnvMgr-quiet">
          {trans.__(
            'You can close this tab: the work goes on, and Activity in the sidebar leads back here.'
          )}
        </p>
      )}
    </div>
  );
}

/**
 * The heading of a job's page.
 */
function headingOf(job: Job, voice: IVoice): string {
  const { trans } = voice;
  const isOver = job.state === 'succeeded';
  switch (job.operation) {
    case 'environments.create':
      return isOver ? job.subject : trans.__('Creating %1', job.subject);
    case 'environments.remove':
      return isOver
        ? trans.__('Removed %1', job.subject)
        : trans.__('Removing %1', job.subject);
    default:
      return titleOfJob(job, trans);
  }
}

/** The line that says how it is, and the buttons that go with that. */
function State(
  props: IJobViewProps & {
    job: Job;
    attempt: (action: () => Promise<void>) => void;
  }
): React.JSX.Element {
  const { job, jobs, voice, attempt } = props;
  const { trans, format } = voice;
  const seconds = useElapsed(job, voice);
  const duration = format.duration(seconds);
  if (!hasEnded(job)) {
    const percent = format.percent(job.progress);
    return (
      <>
        <div className="jp-EnvMgr-working">
          <ProgressBar
            fraction={job.progress}
            label={headingOf(job, voice)}
            text={`${percent} ${job.label}`}
            isUncertain={job.state === 'queued' || job.cancelling}
          />
          <Button
            disabled={job.cancelling}
            onClick={() => attempt(() => jobs.cancel(job.id))}
          >
            {job.cancelling ? trans.__('Cancelling…') : trans.__('Cancel')}
          </Button>
        </div>
        <div className="jp-EnvMgr-facts">
          <span>{percent}</span>
          <span>{job.label || jobStateWord(job, trans)}</span>
          <span title={format.absolute(job.started)}>{duration}</span>
        </div>
      </>
    );
  }
  return (
    <div className="jp-EnvMgr-end" role="status">
      <JobSign job={job} voice={voice} />
      <span>{endOf(job, duration, voice)}</span>
      {job.state === 'succeeded' && MAKING.includes(job.operation) && (
        <Opening {...props} job={job} />
      )}
    </div>
  );
}

function Opening(props: IJobViewProps & { job: Job }): React.JSX.Element {
  const { job, commands, voice, hasTerminals } = props;
  const { trans } = voice;
  const environment = job.result.environment ?? job.subject;
  const open = (command: string) => {
    void commands.execute(command, { environment });
  };
  return (
    <span className="jp-EnvMgr-actions">
      <Button kind="accept" onClick={() => open(CommandIDs.openNotebook)}>
        {trans.__('Open notebook')}
      </Button>
      <Button onClick={() => open(CommandIDs.openConsole)}>
        {trans.__('Open console')}
      </Button>
      {hasTerminals && (
        <Button onClick={() => open(CommandIDs.openTerminal)}>
          {trans.__('Open terminal')}
        </Button>
      )}
    </span>
  );
}

/** What can be done after a job that did not succeed. */
function After(
  props: IJobViewProps & {
    job: Job;
    attempt: (action: () => Promise<void>) => void;
    showLog: () => void;
  }
): React.JSX.Element {
  const { job, voice, attempt, onEdit, onRetry, showLog } = props;
  const { trans } = voice;
  const isCreation = job.operation === 'environments.create';
  return (
    <>
      {isCreation && (
        <Button kind="accept" onClick={() => onEdit(job)}>
          {trans.__('Edit and retry')}
        </Button>
      )}
      {isCreation && (
        <Button onClick={() => attempt(() => onRetry(job))}>
          {trans.__('Retry')}
        </Button>
      )}
      <Button onClick={showLog}>{trans.__('Show log')}</Button>
    </>
  );
}

function endOf(job: Job, duration: string, voice: IVoice): string {
  const { trans } = voice;
  switch (job.state) {
    case 'succeeded':
      return job.operation === 'environments.create'
        ? trans.__('Ready in %1', duration)
        : trans.__('Done in %1', duration);
    case 'failed':
      return trans.__('Failed after %1', duration);
    case 'cancelled':
      return trans.__('Cancelled after %1; nothing is left of it', duration);
    default:
      return trans.__('Interrupted');
  }
}

/** The seconds that a job took, or has taken so far. */
function useElapsed(job: Job, voice: IVoice): number {
  const [, tick] = useReducer((n: number) => n + 1, 0);
  const isOver = hasEnded(job);
  useEffect(() => {
    if (isOver) {
      return;
    }
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [isOver]);
  return voice.format.seconds(job.started ?? job.created, job.ended);
}
