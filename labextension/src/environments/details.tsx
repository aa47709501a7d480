/**
 * What opens below an environment: a summary or a problem, and all that is known of it.
 */
import React from 'react';

import type { Environment, Job } from '../api';
import {
  Button,
  CopyButton,
  PathText,
  ProgressBar,
  Sign
} from '../components/parts';
import { ProblemCard } from '../components/problem';
import { lostIcon } from '../icons';
import type { PackagesModel } from '../packages/model';
import { type IVoice } from '../text/words';
import type { EnvironmentsModel } from './model';
import { workWord } from './row';

/** What can be done from the summary of an environment. */
export interface ISummaryActions {
  retry: () => void;
  editAndRetry: () => void;
  remove: () => void;
  showLog: () => void;
  cancel: (job: Job) => void;
}

interface ISummaryProps {
  environment: Environment;
  job: Job | undefined;
  model: EnvironmentsModel;
  isCurrent: boolean;
  voice: IVoice;
  actions: ISummaryActions;
}

/**
 * The first thing below an environment's line.
 */
export function Summary(props: ISummaryProps): React.JSX.Element {
  const { environment, job, model, voice, isCurrent } = props;
  const problem = model.problemWith(environment.id);
  return (
    <div className="jp-EnvMgr-summary">
      {problem && (
        <ProblemCard
          problem={problem}
          trans={voice.trans}
          tabIndex={isCurrent ? 0 : -1}
          isNew
          onDismiss={() => model.dismiss(environment.id)}
        />
      )}
      {job ? <Work {...props} job={job} /> : <State {...props} />}
      <Notes environment={environment} />
    </div>
  );
}

function Work(props: ISummaryProps & { job: Job }): React.JSX.Element {
  const { job, voice, actions, isCurrent } = props;
  const { trans, format } = voice;
  const tabIndex = isCurrent ? 0 : -1;
  const words = job.label || workWord(job, voice);
  return (
    <>
      <ProgressBar
        fraction={job.progress}
        label={job.title}
        text={words}
        isUncertain={job.state === 'queued' || job.cancelling}
      />
      <div>
        {format.percent(job.progress)} {words}
      </div>
      <div className="jp-EnvMgr-actions">
        <Button kind="link" tabIndex={tabIndex} onClick={actions.showLog}>
          {trans.__('Show log')}
        </Button>
        <Button
          kind="link"
          tabIndex={tabIndex}
          disabled={job.cancelling}
          onClick={() => actions.cancel(job)}
        >
          {job.cancelling ? trans.__('Cancelling…') : trans.__('Cancel')}
        </Button>
      </div>
    </>
  );
}

function State(props: ISummaryProps): React.JSX.Element | null {
  const { environment, voice } = props;
  switch (environment.status) {
    case 'failed':
    case 'broken':
    case 'foreign':
      return <Trouble {...props} />;
    case 'creating':
      return <div>{voice.trans.__('It is being created elsewhere.')}</div>;
    default:
      return <Facts {...props} />;
  }
}

function Trouble(props: ISummaryProps): React.JSX.Element {
  const { environment, voice, actions, isCurrent } = props;
  const { trans } = voice;
  const tabIndex = isCurrent ? 0 : -1;
  const { status, managed } = environment;
  const titles = {
    failed: trans.__('It could not be created'),
    broken: trans.__('It does not work any more'),
    foreign: trans.__('It does not run here')
  };
  const hints = {
    failed: '',
    broken: managed ? trans.__('Remove it and create it again.') : '',
    foreign: trans.__(
      'Its interpreter belongs to another image or host. Nothing is wrong with it there.'
    )
  };
  const kind = status as keyof typeof titles;
  const problem = environment.problem ?? {
    code: kind,
    kind: 'failed' as const,
    title: titles[kind],
    detail: environment.reason,
    hint: hints[kind],
    context: null,
    errors: []
  };
  const mayRetry = managed && status === 'failed';
  return (
    <>
      <ProblemCard
        problem={problem}
        trans={trans}
        tabIndex={tabIndex}
        isQuiet={status === 'foreign'}
      >
        {mayRetry && (
          <>
            <Button kind="link" tabIndex={tabIndex} onClick={actions.retry}>
              {trans.__('Retry')}
            </Button>
            <Button
              kind="link"
              tabIndex={tabIndex}
              onClick={actions.editAndRetry}
            >
              {trans.__('Edit and retry')}
            </Button>
          </>
        )}
        {environment.job !== null && (
          <Button kind="link" tabIndex={tabIndex} onClick={actions.showLog}>
            {trans.__('Show log')}
          </Button>
        )}
        {managed && (
          <Button kind="link" tabIndex={tabIndex} onClick={actions.remove}>
            {trans.__('Remove')}
          </Button>
        )}
      </ProblemCard>
      <div className="jp-EnvMgr-where">
        <PathText path={environment.path} />
      </div>
    </>
  );
}

function Facts(props: ISummaryProps): React.JSX.Element {
  const { environment, model, voice, isCurrent } = props;
  const { trans, format } = voice;
  const count =
    model.packages.packages(environment.id).value?.length ??
    environment.package_count;
  const survives = environment.persistence.survives;
  return (
    <>
      <div className="jp-EnvMgr-facts">
        {count !== null && (
          <span>
            {trans._n('%2 package', '%2 packages', count, format.count(count))}
          </span>
        )}
        <Size
          environment={environment}
          packages={model.packages}
          voice={voice}
          tabIndex={isCurrent ? 0 : -1}
        />
        {environment.created !== null && (
          <span title={format.absolute(environment.created)}>
            {trans.__('created %1', format.ago(environment.created))}
          </span>
        )}
        {!environment.writable && <span>{trans.__('read-only')}</span>}
      </div>
      {survives === false && (
        <div className="jp-EnvMgr-facts">
          <Sign icon={lostIcon} word={trans.__('Note')} />
          <span title={environment.persistence.why}>
            {trans.__('lost with the container')}
          </span>
        </div>
      )}
      {environment.user_site && (
        <div className="jp-EnvMgr-facts" title={environment.user_site_why}>
          {trans.__('sees the user packages in ~/.local')}
        </div>
      )}
      <div className="jp-EnvMgr-where">
        <PathText path={environment.path} />
        <CopyButton
          text={() => environment.path}
          label={trans.__('Copy')}
          trans={trans}
          tabIndex={isCurrent ? 0 : -1}
        />
      </div>
    </>
  );
}

function Size(props: {
  environment: Environment;
  packages: PackagesModel;
  voice: IVoice;
  tabIndex: number;
}): React.JSX.Element {
  const { environment, packages, voice } = props;
  const { trans, format } = voice;
  const reading = packages.size(environment.id);
  if (reading.isLoading) {
    return <span aria-live="polite">{trans.__('measuring…')}</span>;
  }
  if (reading.value !== null) {
    const { size, files, shared } = reading.value;
    const about = [
      trans._n('%2 file', '%2 files', files, format.count(files)),
      shared > 0 ? trans.__('%1 of it shared', format.bytes(shared)) : ''
    ];
    return (
      <span title={about.filter(Boolean).join(', ')}>{format.bytes(size)}</span>
    );
  }
  return (
    <Button
      kind="link"
      tabIndex={props.tabIndex}
      title={reading.problem?.detail}
      onClick={() => void packages.loadSize(environment.id, true)}
    >
      {reading.problem ? trans.__('Measure again') : trans.__('Measure size')}
    </Button>
  );
}

function Notes(props: { environment: Environment }): React.JSX.Element | null {
  const { remarks, labels } = props.environment;
  const pairs = Object.entries(labels);
  if (!remarks && pairs.length === 0) {
    return null;
  }
  return (
    <>
      {remarks && <p className="jp-EnvMgr-remarks">{remarks}</p>}
      {pairs.length > 0 && (
        <div className="jp-EnvMgr-labels">
          {pairs.map(([key, value]) => (
            <span key={key}>{value ? `${key}=${value}` : key}</span>
          ))}
        </div>
      )}
    </>
  );
}
