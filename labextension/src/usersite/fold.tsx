/**
 * Small things of the guided page: what is folded away, a choice among kernels, a list of a plan.
 */
import React, { useId, useState } from 'react';

import type { Plan } from '../api';
import { CopyButton } from '../components/parts';
import { Caution, PlanFacts, PlanRemarks } from '../components/plan';
import { Caret } from '../environments/row';
import type { IVoice } from '../text/words';

/**
 * Something that unfolds under its label.
 */
export function Fold(props: {
  label: React.ReactNode;
  isOpen?: boolean;
  children: React.ReactNode;
}): React.JSX.Element {
  const [isOpen, setOpen] = useState(props.isOpen ?? false);
  const id = useId();
  return (
    <>
      <button
        type="button"
        className="jp-EnvMgr-fold"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <Caret expanded={isOpen} />
        {props.label}
      </button>
      <div id={id} className="jp-EnvMgr-folded" hidden={!isOpen}>
        {isOpen && props.children}
      </div>
    </>
  );
}

/**
 * A plan on the page: what it comes to, what to mind, and every path on demand.
 */
export function PlanSummary(props: {
  plan: Plan;
  voice: IVoice;
}): React.JSX.Element {
  const { plan, voice } = props;
  const { trans, format } = voice;
  const staying = plan.steps.filter(step => step.action === 'keep');
  const changing = plan.steps.filter(step => step.action !== 'keep');
  const all = plan.steps.map(step =>
    [step.action, step.target, step.detail].filter(Boolean).join('  ')
  );
  return (
    <div className="jp-EnvMgr-guidePlan" aria-live="polite">
      {plan.refusal && <Caution text={plan.refusal} trans={trans} />}
      <p>{plan.summary}</p>
      <PlanFacts plan={plan} />
      <PlanRemarks plan={plan} trans={trans} />
      <Steps
        label={trans.__('What changes (%1)', format.count(changing.length))}
        steps={changing}
      />
      <Steps
        label={trans.__('What stays (%1)', format.count(staying.length))}
        steps={staying}
      />
      {all.length > 0 && (
        <CopyButton
          text={() => all.join('\n')}
          label={trans.__('Copy all')}
          trans={trans}
        />
      )}
    </div>
  );
}

function Steps(props: {
  label: string;
  steps: Plan['steps'];
}): React.JSX.Element | null {
  if (props.steps.length === 0) {
    return null;
  }
  return (
    <Fold label={props.label}>
      <ul className="jp-EnvMgr-steps jp-EnvMgr-selectable">
        {props.steps.map((step, index) => (
          <li key={index}>
            <code>{step.target}</code>
            {step.detail && <small>{step.detail}</small>}
          </li>
        ))}
      </ul>
    </Fold>
  );
}
