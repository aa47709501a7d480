/**
 * A plan as a person reads it: what would happen, to what, and what to mind.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import React, { useMemo } from 'react';

import type { Plan, Problem } from '../api';
import { failedIcon, noteIcon } from '../icons';
import { actionWord, type IVoice } from '../text/words';
import { PackageTable, packagesIn } from './packages';
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
  voice: IVoice;
}): React.JSX.Element {
  const { plan, problem, voice } = props;
  const { trans } = voice;
  return (
    <div className="jp-EnvMgr-plan">
      {problem && <ProblemCard problem={problem} trans={trans} isNew />}
      {plan.refusal && <Caution text={plan.refusal} trans={trans} />}
      <p>{plan.summary}</p>
      <PlanSteps steps={plan.steps} voice={voice} />
      <PlanFacts plan={plan} />
      <PlanRemarks plan={plan} trans={trans} />
    </div>
  );
}

/**
 * The steps of a plan, packages in a table; a long list scrolls, by keyboard too.
 */
export function PlanSteps(props: {
  steps: Plan['steps'];
  voice: IVoice;
}): React.JSX.Element {
  const { steps, voice } = props;
  const { trans } = voice;
  const packages = useMemo(() => packagesIn(steps), [steps]);
  const others = steps.filter(step => !step.package);
  return (
    <>
      {others.length > 0 && (
        <ul
          className="jp-EnvMgr-steps jp-EnvMgr-selectable"
          aria-label={trans.__('Steps')}
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={others.length > MANY ? 0 : undefined}
        >
          {others.map((step, index) => (
            <li key={index}>
              <span>{actionWord(step.action, trans)}</span>{' '}
              <code>{step.target}</code>
              {step.detail && <small>{step.detail}</small>}
            </li>
          ))}
        </ul>
      )}
      {packages.length > 0 && (
        <PackageTable packages={packages} voice={voice} />
      )}
    </>
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
 * What somebody may regret, then what is good to know.
 */
export function PlanRemarks(props: {
  plan: Pick<Plan, 'warnings' | 'notices'>;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { plan, trans } = props;
  return (
    <>
      {plan.warnings.map(text => (
        <Caution key={text} text={text} trans={trans} />
      ))}
      {plan.notices.map(text => (
        <Hint key={text} text={text} trans={trans} />
      ))}
    </>
  );
}

/**
 * Something to mind.
 */
export function Caution(props: IRemark): React.JSX.Element {
  const word = props.trans.__('Warning');
  return <Remark {...props} icon={failedIcon} word={word} tone="warn" />;
}

/**
 * Something that is good to know.
 */
export function Hint(props: IRemark): React.JSX.Element {
  const word = props.trans.__('Note');
  return <Remark {...props} icon={noteIcon} word={word} tone="quiet" />;
}

interface IRemark {
  text: string;
  trans: TranslationBundle;
}

function Remark(
  props: IRemark & { icon: LabIcon; word: string; tone: 'warn' | 'quiet' }
): React.JSX.Element {
  const { icon, word, tone } = props;
  return (
    <p className="jp-EnvMgr-remark">
      <Sign icon={icon} word={word} className={`jp-mod-${tone}`} />
      <span>{props.text}</span>
    </p>
  );
}
