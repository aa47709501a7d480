/**
 * The third and fourth step of the page: a cure is chosen, its plan looked at and carried out.
 */
import React, { useId, useState } from 'react';

import { Button, ProgressBar, Skeleton } from '../components/parts';
import { ProblemCard } from '../components/problem';
import type { IVoice } from '../text/words';
import { type Cure, isMoving, labelOf } from './cures';
import { PlanSummary } from './fold';
import type { GuideModel } from './guide';

/**
 * The choice among cures, the mildest first, and the plan of the one that is chosen.
 */
export function ChooseCure(props: {
  model: GuideModel;
  voice: IVoice;
}): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const { state, plan } = model;
  const id = useId();
  const isFixed = model.isDone || model.isWorking;
  const problem = model.problemOf('cure');
  return (
    <>
      <div
        className="jp-EnvMgr-cures"
        role="radiogroup"
        aria-label={trans.__('Cures, the mildest first')}
      >
        {model.offers.map(offer => (
          <React.Fragment key={offer.cure}>
            <label
              className={
                offer.why
                  ? 'jp-EnvMgr-cure jp-mod-impossible'
                  : 'jp-EnvMgr-cure'
              }
              htmlFor={`${id}-${offer.cure}`}
            >
              <input
                id={`${id}-${offer.cure}`}
                type="radio"
                name={`${id}-cure`}
                checked={state.cure === offer.cure}
                disabled={isFixed || offer.why !== ''}
                aria-describedby={`${id}-${offer.cure}-detail`}
                onChange={() => model.set({ cure: offer.cure })}
              />
              <span>
                {offer.label}
                <small id={`${id}-${offer.cure}-detail`}>
                  {offer.why || offer.detail}
                </small>
              </span>
            </label>
            {state.cure === offer.cure && !isFixed && (
              <Narrow cure={offer.cure} model={model} voice={voice} />
            )}
          </React.Fragment>
        ))}
      </div>
      {problem && (
        <ProblemCard
          problem={problem}
          trans={trans}
          isNew
          onDismiss={() => model.dismiss('cure')}
        />
      )}
      {!plan && model.planning.isMaking && <Skeleton lines={3} trans={trans} />}
      {plan && !model.isDone && (
        <div className={model.planning.isMaking ? 'jp-mod-stale' : undefined}>
          <PlanSummary plan={plan} voice={voice} />
          {isMoving(state.cure || 'all') &&
            (plan.refusal !== '' || state.keepJupyter) && (
              <label className="jp-EnvMgr-check">
                <input
                  type="checkbox"
                  checked={state.keepJupyter}
                  disabled={isFixed}
                  onChange={event =>
                    model.set({ keepJupyter: event.target.checked })
                  }
                />
                {trans.__('Keep the packages that this Jupyter needs')}
              </label>
            )}
        </div>
      )}
    </>
  );
}

/** What narrows a cure: the packages, or the Python. */
function Narrow(props: {
  cure: Cure;
  model: GuideModel;
  voice: IVoice;
}): React.JSX.Element | null {
  const { cure, model, voice } = props;
  const { trans } = voice;
  const id = useId();
  const sites = model.sight.scan?.sites ?? [];
  if (cure !== 'packages' && (cure !== 'minor' || sites.length < 2)) {
    return null;
  }
  return (
    <div className="jp-EnvMgr-narrow jp-EnvMgr-control">
      {cure === 'packages' && (
        <>
          <label htmlFor={`${id}-packages`}>{trans.__('Packages')}</label>
          <input
            id={`${id}-packages`}
            className="jp-mod-styled"
            type="text"
            spellCheck={false}
            autoComplete="off"
            placeholder={trans.__('such as numpy, pandas')}
            value={model.state.packages}
            onChange={event => model.set({ packages: event.target.value })}
          />
        </>
      )}
      {sites.length > 1 && (
        <>
          <label htmlFor={`${id}-python`}>{trans.__('Python')}</label>
          <select
            id={`${id}-python`}
            className="jp-mod-styled"
            value={model.python}
            onChange={event => model.set({ python: event.target.value })}
          >
            {sites.map(site => (
              <option key={site.path} value={labelOf(site)}>
                {labelOf(site)}
              </option>
            ))}
          </select>
        </>
      )}
    </div>
  );
}

/**
 * The name of the snapshot and the button; then the job.
 */
export function CarryOut(props: {
  model: GuideModel;
  voice: IVoice;
}): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const { state, job } = model;
  const id = useId();
  const [mayBreak, setMayBreak] = useState(false);
  const problem = model.problemOf('carry-out');
  const isLocked = problem?.code === 'locked';
  if (model.isDone) {
    return (
      <p className="jp-EnvMgr-selectable">
        {state.snapshot
          ? trans.__('Set aside as %1.', state.snapshot)
          : trans.__(
              '%1 was changed; it counts from its next start on.',
              state.changed
            )}
      </p>
    );
  }
  const cure = state.cure || 'all';
  const whyNot =
    model.whyNot ||
    (isLocked && !mayBreak
      ? trans.__('Somebody else is working on the user packages.')
      : '');
  return (
    <>
      {problem && (
        <ProblemCard
          problem={problem}
          trans={trans}
          isNew
          onDismiss={() => model.dismiss('carry-out')}
        />
      )}
      {problem?.code === 'plan-changed' && (
        <p>{trans.__('The plan above is the new one: look at it again.')}</p>
      )}
      {isLocked && (
        <label className="jp-EnvMgr-check">
          <input
            type="checkbox"
            checked={mayBreak}
            onChange={event => setMayBreak(event.target.checked)}
          />
          {trans.__('Take the lock: its holder is gone for good')}
        </label>
      )}
      {model.isWorking ? (
        <div className="jp-EnvMgr-working">
          <ProgressBar
            fraction={job?.progress ?? 0}
            label={trans.__('Setting aside')}
            text={job?.label}
            isUncertain={!job || job.state === 'queued'}
          />
          <span role="status">{job?.label || trans.__('Working…')}</span>
        </div>
      ) : (
        <div className="jp-EnvMgr-guideRow jp-EnvMgr-control">
          {cure !== 'isolate' && (
            <>
              <label htmlFor={id}>
                {cure === 'profile'
                  ? trans.__('Name of the profile')
                  : trans.__('Name of the snapshot')}
              </label>
              <input
                id={id}
                className="jp-mod-styled"
                type="text"
                spellCheck={false}
                autoComplete="off"
                placeholder={trans.__('by image and date')}
                value={state.name}
                onChange={event => model.set({ name: event.target.value })}
                onKeyDown={event => {
                  if (event.key === 'Enter' && whyNot === '') {
                    void model.carryOut(mayBreak);
                  }
                }}
              />
            </>
          )}
          <Button
            kind="accept"
            disabled={whyNot !== ''}
            title={whyNot}
            onClick={() => void model.carryOut(mayBreak)}
          >
            {isMoving(cure)
              ? trans.__('Set aside')
              : trans.__('Change %1', model.kernelName)}
          </Button>
        </div>
      )}
      {!model.isWorking && model.plan?.refusal && (
        <p className="jp-EnvMgr-quiet">{whyNot}</p>
      )}
    </>
  );
}
