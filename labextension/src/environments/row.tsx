/**
 * One line per environment: how it is, what it is called, and what one may do with it.
 */
import {
  caretDownIcon,
  caretRightIcon,
  notebookIcon,
  terminalIcon
} from '@jupyterlab/ui-components';
import React from 'react';

import type { Environment, Job } from '../api';
import { IconButton, MenuButton, Sign } from '../components/parts';
import {
  brokenIcon,
  failedIcon,
  foreignIcon,
  imageIcon,
  interpreterIcon,
  kernelBadgeIcon,
  lastsIcon,
  lostIcon,
  readyIcon,
  workingIcon
} from '../icons';
import {
  type IVoice,
  managerWord,
  minorOf,
  nameOf,
  persistenceWord,
  statusWord
} from '../text/words';

/** What a row may ask for. */
export interface IRowActions {
  toggle: () => void;
  openNotebook: () => void;
  openTerminal: () => void;
  openMenu: (button: HTMLElement) => void;
}

interface IRowProps {
  environment: Environment;
  job: Job | undefined;
  /** Bytes on disk, once they are known. */
  size: number | null;
  expanded: boolean;
  isCurrent: boolean;
  hasTerminals: boolean;
  voice: IVoice;
  actions: IRowActions;
}

/**
 * The line of an environment.
 */
export function Row(props: IRowProps): React.JSX.Element {
  const { environment, job, expanded, isCurrent, voice, actions } = props;
  const { trans } = voice;
  const tabIndex = isCurrent ? 0 : -1;
  return (
    <>
      <Caret expanded={expanded} onClick={actions.toggle} />
      <StatusSign environment={environment} job={job} voice={voice} />
      <span className="jp-EnvMgr-name">{nameOf(environment)}</span>
      <span className="jp-EnvMgr-meta">{metaOf(environment, job, voice)}</span>
      <Badges environment={environment} size={props.size} voice={voice} />
      <span className="jp-EnvMgr-rowActions">
        {canOpen(environment) && (
          <IconButton
            icon={notebookIcon}
            label={trans.__('Open notebook')}
            tabIndex={tabIndex}
            onClick={actions.openNotebook}
          />
        )}
        {canOpen(environment) && props.hasTerminals && (
          <IconButton
            icon={terminalIcon}
            label={trans.__('Open terminal')}
            tabIndex={tabIndex}
            onClick={actions.openTerminal}
          />
        )}
        <MenuButton
          label={trans.__('More actions')}
          tabIndex={tabIndex}
          onClick={actions.openMenu}
        />
      </span>
    </>
  );
}

/**
 * Whether something can be started in an environment now.
 */
export function canOpen(environment: Environment): boolean {
  return environment.status === 'ready' && environment.interpreter !== null;
}

/**
 * Whether the packages of an environment can be changed from here.
 */
export function canChange(environment: Environment): boolean {
  return environment.managed && environment.status === 'ready';
}

/**
 * What a screen reader says of a line.
 */
export function labelOf(
  environment: Environment,
  job: Job | undefined,
  voice: IVoice
): string {
  const { trans, format } = voice;
  const python = minorOf(environment.python);
  const words = [
    nameOf(environment),
    job
      ? `${workWord(job, voice)}, ${format.percent(job.progress)}`
      : statusWord(environment, trans),
    python && trans.__('Python %1', python),
    managerWord(environment),
    environment.reason,
    environment.kernels.length > 0 ? trans.__('has a kernel') : '',
    persistenceWord(environment.persistence, trans)
  ];
  return words.filter(Boolean).join(', ');
}

/**
 * The mark that opens and closes a line; the keyboard has the arrow keys for it.
 */
export function Caret(props: {
  expanded: boolean;
  onClick?: () => void;
}): React.JSX.Element {
  const Icon = props.expanded ? caretDownIcon : caretRightIcon;
  return (
    <span
      className="jp-EnvMgr-caret"
      aria-hidden="true"
      onClick={event => {
        if (props.onClick) {
          event.stopPropagation();
          props.onClick();
        }
      }}
    >
      <Icon.react tag={null} width="16px" height="16px" />
    </span>
  );
}

/**
 * The icon of how an environment is, with its word.
 */
export function StatusSign(props: {
  environment: Environment;
  job: Job | undefined;
  voice: IVoice;
}): React.JSX.Element {
  const { environment, job, voice } = props;
  if (job || environment.status === 'creating') {
    const word = job
      ? workWord(job, voice)
      : statusWord(environment, voice.trans);
    return <Sign icon={workingIcon} word={word} className="jp-mod-working" />;
  }
  const word = statusWord(environment, voice.trans);
  switch (environment.status) {
    case 'failed':
      return <Sign icon={failedIcon} word={word} className="jp-mod-failed" />;
    case 'broken':
      return <Sign icon={brokenIcon} word={word} className="jp-mod-failed" />;
    case 'foreign':
      return <Sign icon={foreignIcon} word={word} className="jp-mod-quiet" />;
    case 'warming':
      return <Sign icon={workingIcon} word={word} className="jp-mod-working" />;
    default:
      break;
  }
  switch (environment.kind) {
    case 'image':
      return <Sign icon={imageIcon} word={word} className="jp-mod-plain" />;
    case 'interpreter':
      return (
        <Sign icon={interpreterIcon} word={word} className="jp-mod-quiet" />
      );
    default:
      return <Sign icon={readyIcon} word={word} className="jp-mod-ready" />;
  }
}

/**
 * What is being done with an environment.
 */
export function workWord(job: Job, voice: IVoice): string {
  const { trans } = voice;
  if (job.cancelling) {
    return trans.__('cancelling…');
  }
  if (job.state === 'queued') {
    return trans.__('waiting');
  }
  switch (job.operation) {
    case 'environments.create':
    case 'archives.import':
      return trans.__('creating');
    case 'environments.remove':
      return trans.__('removing');
    case 'environments.verify':
      return trans.__('verifying');
    case 'archives.export':
      return trans.__('packing');
    default:
      return trans.__('changing');
  }
}

function metaOf(
  environment: Environment,
  job: Job | undefined,
  voice: IVoice
): React.ReactNode {
  const { trans, format } = voice;
  if (job) {
    return `${format.percent(job.progress)} ${job.label || workWord(job, voice)}`;
  }
  if (environment.status === 'failed') {
    const why = environment.problem?.title ?? environment.reason;
    return why ? trans.__('failed: %1', why) : trans.__('failed');
  }
  if (environment.status === 'broken' || environment.status === 'foreign') {
    return environment.reason || statusWord(environment, trans);
  }
  const python = minorOf(environment.python);
  return (
    <>
      {python && <span>{python}</span>}
      <span>{managerWord(environment)}</span>
    </>
  );
}

function Badges(props: {
  environment: Environment;
  size: number | null;
  voice: IVoice;
}): React.JSX.Element {
  const { environment, size, voice } = props;
  const { trans, format } = voice;
  const { persistence, kernels } = environment;
  const lasting = persistenceWord(persistence, trans);
  const names = kernels.map(kernel => kernel.display_name).join(', ');
  return (
    <span className="jp-EnvMgr-badges">
      {size !== null && (
        <span className="jp-EnvMgr-size">{format.bytes(size)}</span>
      )}
      {kernels.length > 0 && (
        <Sign icon={kernelBadgeIcon} word={trans.__('Kernel: %1', names)} />
      )}
      {lasting && (
        <Sign
          icon={persistence.survives ? lastsIcon : lostIcon}
          word={`${lasting} (${persistence.why})`}
        />
      )}
    </span>
  );
}
