/**
 * Where packages are installed: an environment, the user packages, or the image.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId } from 'react';

import { type IVoice, nameOf } from '../text/words';
import type { Installing, Place } from './installing';

const PLACES: readonly Place[] = ['environment', 'user', 'system'];

/**
 * The choice.
 */
export function ChoosePlace(props: {
  model: Installing;
  voice: IVoice;
}): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const id = useId();
  return (
    <fieldset className="jp-EnvMgr-places" disabled={model.isRunning}>
      <legend>{trans.__('Install into')}</legend>
      {PLACES.map(place => {
        const isEmpty =
          place === 'environment' && model.environments.length === 0;
        return (
          <div key={place} className="jp-EnvMgr-place">
            <label
              className={
                isEmpty ? 'jp-EnvMgr-cure jp-mod-impossible' : 'jp-EnvMgr-cure'
              }
            >
              <input
                type="radio"
                name={id}
                checked={model.place === place}
                disabled={isEmpty}
                aria-labelledby={`${id}-${place}-label`}
                aria-describedby={`${id}-${place}`}
                onChange={() => model.choosePlace(place)}
              />
              <span>
                <span id={`${id}-${place}-label`}>
                  {placeWord(place, trans)}
                </span>
                <small id={`${id}-${place}`}>
                  {isEmpty
                    ? trans.__('There is none yet: create one below.')
                    : placeDetail(place, trans)}
                </small>
              </span>
            </label>
            {place === 'environment' && model.place === place && (
              <span className="jp-EnvMgr-control">
                <select
                  className="jp-mod-styled"
                  aria-label={trans.__('Environment')}
                  value={model.environment}
                  onChange={event =>
                    model.choosePlace(place, event.target.value)
                  }
                >
                  {model.environments.map(one => (
                    <option key={one.id} value={one.id}>
                      {`${nameOf(one)} · Python ${one.python}`}
                    </option>
                  ))}
                </select>
              </span>
            )}
          </div>
        );
      })}
    </fieldset>
  );
}

function placeWord(place: Place, trans: TranslationBundle): string {
  switch (place) {
    case 'user':
      return trans.__('The user packages');
    case 'system':
      return trans.__('The image');
    default:
      return trans.__('An environment');
  }
}

function placeDetail(place: Place, trans: TranslationBundle): string {
  switch (place) {
    case 'user':
      return trans.__('~/.local again: every image loads them.');
    case 'system':
      return trans.__('For all of this container, and gone with it.');
    default:
      return trans.__('Apart from the image and from ~/.local.');
  }
}
