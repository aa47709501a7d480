/**
 * The third step of the page: a cure is chosen, the mildest first, and its plan looked at.
 */
import React, { useId } from 'react';

import { Skeleton } from '../components/parts';
import { ProblemCard } from '../components/problem';
import type { IVoice } from '../text/words';
import { type IOffer, isMoving, labelOf, removal, type Scope } from './cures';
import { Fold, PlanSummary } from './fold';
import type { GuideModel } from './guide';

interface ICureProps {
  model: GuideModel;
  voice: IVoice;
}

/**
 * The choice among cures, and the plan of the one that is chosen.
 */
export function ChooseCure(props: ICureProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const { state, plan } = model;
  const name = useId();
  const isFixed = model.isDone || model.isWorking;
  const problem = model.problemOf('cure');
  return (
    <>
      <div
        className="jp-EnvMgr-cures"
        role="radiogroup"
        aria-label={trans.__('Cures, the mildest first')}
      >
        {model.choosing.offers.map(offer => (
          <Offer key={offer.cure} offer={offer} name={name} {...props} />
        ))}
        {(!isFixed || state.cure === 'remove') && (
          <Fold
            label={trans.__('Delete for good…')}
            isOpen={state.cure === 'remove'}
          >
            <Offer
              offer={removal(model.sight.scan, trans)}
              name={name}
              {...props}
            />
          </Fold>
        )}
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

/** One cure, and what narrows it once it is chosen. */
function Offer(
  props: ICureProps & { offer: IOffer; name: string }
): React.JSX.Element {
  const { offer, name, model } = props;
  const id = useId();
  const isChosen = model.state.cure === offer.cure;
  const isFixed = model.isDone || model.isWorking;
  return (
    <>
      <label
        className={
          offer.why ? 'jp-EnvMgr-cure jp-mod-impossible' : 'jp-EnvMgr-cure'
        }
        htmlFor={id}
      >
        <input
          id={id}
          type="radio"
          name={name}
          checked={isChosen}
          disabled={isFixed || offer.why !== ''}
          aria-labelledby={`${id}-label`}
          aria-describedby={`${id}-detail`}
          onChange={() => model.set({ cure: offer.cure })}
        />
        <span>
          <span id={`${id}-label`}>{offer.label}</span>
          <small id={`${id}-detail`}>{offer.why || offer.detail}</small>
        </span>
      </label>
      {isChosen && !isFixed && <Narrow {...props} />}
    </>
  );
}

/** What narrows a cure: how much, the packages, the Python. */
function Narrow(props: ICureProps): React.JSX.Element | null {
  const { model, voice } = props;
  const { trans } = voice;
  const { cure, scope, packages } = model.state;
  const id = useId();
  const sites = model.sight.scan?.sites ?? [];
  const extent: Scope | '' =
    cure === 'remove'
      ? scope
      : cure === 'packages' || cure === 'minor'
        ? cure
        : '';
  const hasPython =
    sites.length > 1 && (extent === 'packages' || extent === 'minor');
  if (cure !== 'remove' && extent !== 'packages' && !hasPython) {
    return null;
  }
  return (
    <div className="jp-EnvMgr-narrow jp-EnvMgr-control">
      {cure === 'remove' && (
        <>
          <label htmlFor={`${id}-scope`}>{trans.__('How much')}</label>
          <select
            id={`${id}-scope`}
            className="jp-mod-styled"
            value={scope}
            onChange={event =>
              model.set({ scope: event.target.value as Scope })
            }
          >
            <option value="packages">{trans.__('Some packages')}</option>
            <option value="minor">{trans.__('All of one Python')}</option>
            <option value="all">{trans.__('All Python packages')}</option>
          </select>
        </>
      )}
      {extent === 'packages' && (
        <>
          <label htmlFor={`${id}-packages`}>{trans.__('Packages')}</label>
          <input
            id={`${id}-packages`}
            className="jp-mod-styled"
            type="text"
            spellCheck={false}
            autoComplete="off"
            placeholder={trans.__('such as numpy, pandas')}
            value={packages}
            onChange={event => model.set({ packages: event.target.value })}
          />
        </>
      )}
      {hasPython && (
        <>
          <label htmlFor={`${id}-python`}>{trans.__('Python')}</label>
          <select
            id={`${id}-python`}
            className="jp-mod-styled"
            value={model.choosing.python}
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
