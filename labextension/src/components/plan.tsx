/**
 * A plan as a person reads it: what would happen, to what, and what to mind.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Plan, Problem } from '../api';
import { failedIcon } from '../icons';
import { Sign } from './parts';
import { ProblemCard } from './problem';

/** More steps than this may not fit into what is seen at once. */
const MANY = 8;

/**
 * The plan.
 */
export function PlanView(props: {
  plan: Plan;
  problem?: Problem | null;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { plan, problem, trans } = props;
  return (
    <div className="jp-EnvMgr-plan">
      {problem && <ProblemCard problem={problem} trans={trans} isNew />}
      {plan.refusal && <Caution text={plan.refusal} trans={trans} />}
      <p>{plan.summary}</p>
      <PlanSteps steps={plan.steps} trans={trans} />
      <PlanFacts plan={plan} />
      {plan.warnings.map(warning => (
        <Caution key={warning} text={warning} trans={trans} />
      ))}
    </div>
  );
}

/**
 * The steps of a plan; a long list scrolls, by keyboard too.
 */
export function PlanSteps(props: {
  steps: Plan['steps'];
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { steps, trans } = props;
  if (steps.length === 0) {
    return null;
  }
  return (
    <ul
      className="jp-EnvMgr-steps jp-EnvMgr-selectable"
      aria-label={trans.__('Steps')}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={steps.length > MANY ? 0 : undefined}
    >
      {steps.map((step, index) => (
        <li key={index}>
          <span>{actionWord(step.action, trans)}</span>{' '}
          <code>{step.target}</code>
          {step.detail && <small>{step.detail}</small>}
        </li>
      ))}
    </ul>
  );
}

/**
 * The facts of a plan: what is called what.
 */
export function PlanFacts(props: { plan: Plan }): React.JSX.Element | null {
  const { facts } = props.plan;
  if (facts.length === 0) {
    return null;
  }
  return (
    <dl className="jp-EnvMgr-factTable jp-EnvMgr-selectable">
      {facts.map(([label, text]) => (
        <React.Fragment key={label}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}

/**
 * Something to mind.
 */
export function Caution(props: {
  text: string;
  trans: TranslationBundle;
}): React.JSX.Element {
  return (
    <p className="jp-EnvMgr-caution">
      <Sign
        icon={failedIcon}
        word={props.trans.__('Warning')}
        className="jp-mod-warn"
      />
      <span>{props.text}</span>
    </p>
  );
}

/** The verbs of plans in the reader's language; one that is not known stays as it is. */
function actionWord(action: string, trans: TranslationBundle): string {
  const words: Record<string, string> = {
    create: trans.__('create'),
    install: trans.__('install'),
    register: trans.__('register'),
    unregister: trans.__('unregister'),
    delete: trans.__('delete'),
    forget: trans.__('forget'),
    keep: trans.__('keep'),
    write: trans.__('write'),
    replace: trans.__('replace'),
    remove: trans.__('remove'),
    update: trans.__('update'),
    download: trans.__('download'),
    prove: trans.__('try'),
    move: trans.__('move'),
    copy: trans.__('copy'),
    rename: trans.__('rename'),
    make: trans.__('make'),
    set: trans.__('set'),
    'set aside': trans.__('set aside'),
    'move back': trans.__('move back')
  };
  return words[action] ?? action;
}
