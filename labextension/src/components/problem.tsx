/**
 * A problem where it happened: what, why, and what to do.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { type Problem, textOf } from '../api';
import { failedIcon, foreignIcon } from '../icons';
import { CopyButton, IconButton, Sign } from './parts';

/**
 * The card of a problem; its buttons are given by who shows it.
 */
export function ProblemCard(props: {
  problem: Problem;
  trans: TranslationBundle;
  /** Whether a screen reader should say it at once: it has just happened. */
  isNew?: boolean;
  /** Whether nothing is wrong with the thing itself: it is only of no use here. */
  isQuiet?: boolean;
  onDismiss?: () => void;
  tabIndex?: number;
  children?: React.ReactNode;
}): React.JSX.Element {
  const { problem, trans, tabIndex } = props;
  // An error that is the only one says what the detail says already.
  const errors = problem.errors.filter(
    ({ field, detail }) =>
      ![detail, `${field}: ${detail}`].includes(problem.detail)
  );
  return (
    <div
      className={`jp-EnvMgr-problem${props.isQuiet ? ' jp-mod-quiet' : ''}`}
      role={props.isNew ? 'alert' : 'group'}
      aria-label={problem.title}
    >
      <div className="jp-EnvMgr-problemTitle">
        <Sign
          icon={props.isQuiet ? foreignIcon : failedIcon}
          word={props.isQuiet ? trans.__('Note') : trans.__('Problem')}
          className={props.isQuiet ? 'jp-mod-quiet' : 'jp-mod-failed'}
        />
        <strong>{problem.title}</strong>
        {props.onDismiss && (
          <IconButton
            icon={closeIcon}
            label={trans.__('Dismiss')}
            onClick={props.onDismiss}
            tabIndex={tabIndex}
          />
        )}
      </div>
      {problem.detail && (
        <p className="jp-EnvMgr-selectable jp-EnvMgr-problemDetail">
          {problem.detail}
        </p>
      )}
      {errors.length > 0 && (
        <ul className="jp-EnvMgr-selectable">
          {errors.map((error, index) => (
            <li key={index}>
              {error.line === null
                ? error.field
                : trans.__('%1, line %2', error.field, error.line)}
              {': '}
              {error.detail}
            </li>
          ))}
        </ul>
      )}
      {problem.hint && <p className="jp-EnvMgr-problemHint">{problem.hint}</p>}
      <div className="jp-EnvMgr-actions">
        {props.children}
        <CopyButton
          text={() => textOf(problem)}
          label={trans.__('Copy')}
          trans={trans}
          tabIndex={tabIndex}
        />
      </div>
    </div>
  );
}

/**
 * A problem in one line, where the card of it stands elsewhere on the page.
 */
export function ProblemLine(props: { problem: Problem }): React.JSX.Element {
  const { problem } = props;
  return (
    <div className="jp-EnvMgr-empty jp-EnvMgr-quiet" title={textOf(problem)}>
      {problem.title}
    </div>
  );
}
