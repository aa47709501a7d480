/**
 * The fields that only conda environments have: a Python that the channels offer, and the channels.
 */
import React from 'react';

import type { OfferedPython } from '../api';
import { workingIcon } from '../icons';
import { type IVoice, minorOf } from '../text/words';
import { TextField } from './field';
import type { FormModel } from './model';

interface ICondaProps {
  model: FormModel;
  voice: IVoice;
}

/**
 * Python and channels.
 */
export function CondaChoices(props: ICondaProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  return (
    <>
      <TextField
        model={model}
        field="condaPython"
        label={trans.__('Python')}
        placeholder={trans.__('as the packages say, else as the image has')}
        help={trans.__(
          'A version, such as 3.12: it comes from the channel and stays with the environment.'
        )}
        offers={model.offered.versions}
      >
        <Offers {...props} />
        <OffersStatus {...props} />
      </TextField>
      <TextField
        model={model}
        field="channels"
        label={trans.__('Channels')}
        rows={Math.max(1, model.draft.channels.split('\n').length)}
        placeholder={trans.__('as configured, else conda-forge')}
        help={trans.__('One per line, the most important first.')}
      />
    </>
  );
}

/** A button for each minor version; that of the chosen one takes it back. */
function Offers(props: ICondaProps): React.JSX.Element | null {
  const { model, voice } = props;
  const { trans } = voice;
  const { pythons, isAsking } = model.offered;
  if (pythons.length === 0) {
    return null;
  }
  const chosen = minorOf(model.draft.condaPython);
  return (
    <div
      className={`jp-EnvMgr-offers${isAsking ? ' jp-mod-stale' : ''}`}
      role="group"
      aria-label={trans.__('Versions of Python')}
    >
      {pythons.map(python => (
        <button
          key={python.minor}
          type="button"
          className={python.kernel === false ? 'jp-mod-faint' : undefined}
          aria-pressed={python.minor === chosen}
          title={offerWord(python, voice)}
          onClick={() =>
            model.set({
              condaPython: python.minor === chosen ? '' : python.minor
            })
          }
        >
          {python.minor}
        </button>
      ))}
    </div>
  );
}

function offerWord(python: OfferedPython, voice: IVoice): string {
  const { trans } = voice;
  return [
    python.version,
    python.channel,
    python.kernel === false ? trans.__('no kernel can run on it') : ''
  ]
    .filter(Boolean)
    .join(' · ');
}

/** How far it is known what the channels offer, and whether the choice will do. */
function OffersStatus(props: ICondaProps): React.JSX.Element {
  const { model, voice } = props;
  return (
    <div
      className="jp-EnvMgr-help jp-EnvMgr-offersStatus"
      role="status"
      aria-live="polite"
    >
      {model.offered.isAsking && (
        <span className="jp-EnvMgr-sign jp-mod-working" aria-hidden="true">
          <workingIcon.react tag={null} width="14px" height="14px" />
        </span>
      )}
      {statusOf(model, voice)}
    </div>
  );
}

function statusOf(model: FormModel, voice: IVoice): string {
  const { trans } = voice;
  const { offered, draft } = model;
  const { answer, why } = offered;
  if (offered.isAsking) {
    return trans.__('Asking the channels which versions they offer…');
  }
  if (why) {
    return trans.__(
      'The usual versions. What the channels offer is not known: %1.',
      why
    );
  }
  if (answer === null) {
    return '';
  }
  if (answer.pythons.length === 0) {
    return trans.__('These channels have no Python for this machine.');
  }
  const chosen = minorOf(draft.condaPython);
  const python = answer.pythons.find(one => one.minor === chosen);
  if (python?.kernel === false && draft.kernel) {
    return trans.__(
      'With these channels no kernel can run on Python %1: choose another version, or no kernel.',
      chosen
    );
  }
  const isThere = answer.pythons.some(one => one.minor === answer.image);
  if (chosen === '' && !isThere) {
    return trans.__(
      'The channels do not have the Python of the image, %1. Usual is %2.',
      answer.image,
      answer.usual
    );
  }
  return '';
}
