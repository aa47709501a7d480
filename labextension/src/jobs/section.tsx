/**
 * The section of jobs in the side panel: what runs, and what has run lately.
 */
import {
  clearIcon,
  closeIcon,
  CommandToolbarButton,
  PanelWithToolbar,
  ReactWidget,
  UseSignal
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React, { useEffect, useReducer, useState } from 'react';

import { isOfServer, type Job, type Problem, problemOf } from '../api';
import { CommandIDs } from '../commands/ids';
import { IconButton, ProgressBar, Skeleton } from '../components/parts';
import { ProblemCard, ProblemLine } from '../components/problem';
import { hasEnded, type IVoice, jobStateWord } from '../text/words';
import type { JobsModel } from './model';
import { hasPacked } from './packed';
import { Packed } from './result';
import { titleOfJob } from './title';
import { JobSign } from './steps';

/** How many jobs that have ended are shown. */
const SHOWN = 30;

interface IActivityProps {
  jobs: JobsModel;
  commands: CommandRegistry;
  voice: IVoice;
}

class ActivityWidget extends ReactWidget {
  constructor(private readonly _props: IActivityProps) {
    super();
    this.addClass('jp-EnvMgr-list');
    this.addClass('jp-EnvMgr-activity');
  }

  protected render(): React.JSX.Element {
    return <Activity {...this._props} />;
  }
}

/**
 * The section.
 */
export class ActivitySection extends PanelWithToolbar {
  constructor(props: IActivityProps) {
    super();
    const { trans } = props.voice;
    this.addClass('jp-EnvMgr-section');
    this.title.label = trans.__('Activity');
    this.toolbar.node.setAttribute('aria-label', trans.__('Activity toolbar'));
    this.toolbar.addItem(
      'clear',
      new CommandToolbarButton({
        commands: props.commands,
        id: CommandIDs.clearJobs,
        icon: clearIcon,
        label: ''
      })
    );
    this.addWidget(new ActivityWidget(props));
  }
}

/**
 * The list of jobs.
 */
export function Activity(props: IActivityProps): React.JSX.Element {
  return (
    <UseSignal signal={props.jobs.changed}>
      {() => <Content {...props} />}
    </UseSignal>
  );
}

function Content(props: IActivityProps): React.JSX.Element {
  const { jobs, commands, voice } = props;
  const { trans } = voice;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [, tick] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const timer = setInterval(tick, 60000);
    return () => clearInterval(timer);
  }, []);
  const active = jobs.jobs.filter(job => !hasEnded(job));
  const ended = jobs.jobs.filter(hasEnded).slice(0, SHOWN);
  const attempt = (action: Promise<void>) => {
    setProblem(null);
    action.catch(error => setProblem(problemOf(error, trans)));
  };
  const row = (job: Job) => (
    <JobRow
      key={job.id}
      job={job}
      jobs={jobs}
      commands={commands}
      voice={voice}
      onOpen={() => void commands.execute(pageOf(job), { job: job.id })}
      onStop={() =>
        attempt(hasEnded(job) ? jobs.remove(job.id) : jobs.cancel(job.id))
      }
    />
  );
  const shown = problem ?? (jobs.jobs.length === 0 ? jobs.problem : null);
  return (
    <>
      {shown && isOfServer(shown) && !problem && (
        <ProblemLine problem={shown} />
      )}
      {shown && (problem || !isOfServer(shown)) && (
        <ProblemCard
          problem={shown}
          trans={trans}
          isNew
          onDismiss={problem ? () => setProblem(null) : undefined}
        />
      )}
      {!jobs.isReady && <Skeleton lines={2} trans={trans} />}
      {jobs.isReady && jobs.jobs.length === 0 && !shown && (
        <div className="jp-EnvMgr-empty jp-EnvMgr-quiet">
          {trans.__('Nothing has been done yet.')}
        </div>
      )}
      <ul aria-label={trans.__('Activity')}>
        {active.map(row)}
        {ended.map(row)}
      </ul>
    </>
  );
}

/** The command that shows a job: user packages have pages that say more of it. */
function pageOf(job: Job): string {
  return job.operation.startsWith('usersite.')
    ? CommandIDs.openUserSiteJob
    : CommandIDs.openJob;
}

function JobRow(props: {
  job: Job;
  jobs: JobsModel;
  commands: CommandRegistry;
  voice: IVoice;
  onOpen: () => void;
  onStop: () => void;
}): React.JSX.Element {
  const { job, jobs, commands, voice, onOpen, onStop } = props;
  const { trans, format } = voice;
  const title = titleOfJob(job, trans);
  const isOver = hasEnded(job);
  const percent = format.percent(job.progress);
  return (
    <li className="jp-EnvMgr-job">
      <div className={`jp-EnvMgr-jobLine${isOver ? ' jp-mod-over' : ''}`}>
        <button
          type="button"
          className="jp-EnvMgr-jobOpen"
          title={`${title}: ${jobStateWord(job, trans)}\n${format.absolute(job.ended ?? job.started ?? job.created)}`}
          onClick={onOpen}
          onKeyDown={event => {
            if (event.key === 'Delete') {
              onStop();
            } else {
              moveAmongJobs(event);
            }
          }}
        >
          <JobSign job={job} voice={voice} />
          <span className="jp-EnvMgr-name">{title}</span>
          <span className="jp-EnvMgr-meta">
            {isOver ? format.ago(job.ended ?? job.created, true) : percent}
          </span>
        </button>
        <IconButton
          icon={closeIcon}
          className="jp-EnvMgr-jobStop"
          label={
            isOver
              ? trans.__('Forget %1', title)
              : job.cancelling
                ? trans.__('Cancelling…')
                : trans.__('Cancel %1', title)
          }
          disabled={job.cancelling && !isOver}
          onClick={onStop}
        />
      </div>
      {!isOver && (
        <div className="jp-EnvMgr-jobMore">
          <ProgressBar
            fraction={job.progress}
            label={title}
            text={`${percent} ${job.label}`}
            isUncertain={job.state === 'queued' || job.cancelling}
          />
          <span className="jp-EnvMgr-quiet">
            {job.cancelling
              ? trans.__('Cancelling…')
              : job.label || jobStateWord(job, trans)}
          </span>
        </div>
      )}
      {job.state === 'failed' && job.problem && (
        <div className="jp-EnvMgr-jobMore jp-EnvMgr-quiet">
          {job.problem.title}
        </div>
      )}
      {hasPacked(job) && (
        <div className="jp-EnvMgr-jobMore">
          <Packed
            job={job}
            jobs={jobs}
            commands={commands}
            voice={voice}
            isNarrow
          />
        </div>
      )}
    </li>
  );
}

/** The arrow keys go from job to job. */
function moveAmongJobs(event: React.KeyboardEvent<HTMLElement>): void {
  const list = event.currentTarget.closest('ul');
  const all = [
    ...(list?.querySelectorAll<HTMLElement>('.jp-EnvMgr-jobOpen') ?? [])
  ];
  const index = all.indexOf(event.currentTarget);
  const places: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    Home: 0,
    End: all.length - 1
  };
  if (event.key in places) {
    event.preventDefault();
    all[places[event.key]]?.focus();
  }
}
