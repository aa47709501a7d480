/**
 * The fields that decide what an environment is: its manager, what does the work, its Python.
 */
import React, { useId } from 'react';

import type { EngineOffer, Interpreter } from '../api';
import { type IVoice, persistenceWord } from '../text/words';
import { CondaChoices } from './conda';
import { FieldProblems, Labelled } from './field';
import type { FormModel } from './model';
import { pythonOf } from './python';

/** The names of the managers are the same in every language. */
const PIP = 'pip';
const CONDA = 'conda';

interface IChoicesProps {
  model: FormModel;
  voice: IVoice;
}

/**
 * The manager, what does its work, and Python.
 */
export function Choices(props: IChoicesProps): React.JSX.Element {
  return (
    <>
      <ManagerChoice {...props} />
      <EngineChoice {...props} />
      {props.model.draft.manager === 'conda' ? (
        <CondaChoices {...props} />
      ) : (
        <PythonChoice {...props} />
      )}
    </>
  );
}

/**
 * An interpreter in one line.
 */
function interpreterWord(item: Interpreter, voice: IVoice): string {
  const { trans } = voice;
  const isPlain = item.implementation.toLowerCase() === 'cpython';
  return [
    `${isPlain ? '' : `${item.implementation} `}${item.version}`,
    item.path === null ? trans.__('downloaded first') : item.source,
    persistenceWord(item.persistence, trans),
    item.default ? trans.__('default') : ''
  ]
    .filter(Boolean)
    .join(' · ');
}

function PythonChoice(props: IChoicesProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const id = useId();
  const { draft } = model;
  const { interpreters } = model.available;
  const chosen = interpreters.find(item => pythonOf(item) === draft.python);
  const problems = model.problemsOf('python');
  return (
    <Labelled label={trans.__('Python')} htmlFor={id}>
      <select
        id={id}
        className="jp-mod-styled"
        value={draft.python}
        disabled={model.available.isPreparing}
        aria-invalid={problems.length > 0 || undefined}
        aria-describedby={`${id}-help ${id}-problem`}
        onChange={event => model.set({ python: event.target.value })}
      >
        {interpreters.length === 0 && (
          <option value={draft.python}>
            {model.available.isPreparing
              ? trans.__('Loading…')
              : trans.__('The Python of the image')}
          </option>
        )}
        {interpreters.map(item => (
          <option key={item.id} value={pythonOf(item)}>
            {interpreterWord(item, voice)}
          </option>
        ))}
      </select>
      {chosen && (
        <div id={`${id}-help`} className="jp-EnvMgr-help">
          {[
            chosen.path ?? trans.__('uv downloads it'),
            chosen.persistence.why
          ].join(' · ')}
        </div>
      )}
      <FieldProblems id={`${id}-problem`} problems={problems} />
    </Labelled>
  );
}

function ManagerChoice(props: IChoicesProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const id = useId();
  const why = whyNoConda(model, voice);
  const problems = model.problemsOf('manager');
  return (
    <Labelled label={trans.__('Manager')} id={id}>
      <div
        role="radiogroup"
        aria-labelledby={id}
        aria-describedby={`${id}-problem`}
        className="jp-EnvMgr-radios"
      >
        <label>
          <input
            type="radio"
            name={id}
            checked={model.draft.manager === 'pip'}
            onChange={() => model.set({ manager: 'pip' })}
          />
          {PIP}
        </label>
        <label title={why}>
          <input
            type="radio"
            name={id}
            disabled={why !== ''}
            checked={model.draft.manager === 'conda'}
            onChange={() => model.set({ manager: 'conda' })}
          />
          <span className={why ? 'jp-EnvMgr-quiet' : undefined}>
            {why ? trans.__('conda – %1', why) : CONDA}
          </span>
        </label>
      </div>
      <FieldProblems id={`${id}-problem`} problems={problems} />
    </Labelled>
  );
}

/** Why no conda environment can be made here; empty if one can. */
function whyNoConda(model: FormModel, voice: IVoice): string {
  const known = model.available.engines.filter(
    engine => engine.manager === 'conda'
  );
  const listed = (model.available.status?.engines ?? []).filter(
    engine => engine.manager === 'conda'
  );
  const isHere = [...known, ...listed].some(engine => engine.available);
  if (isHere || model.available.isPreparing) {
    return '';
  }
  return (
    known.find(engine => engine.why_not)?.why_not ||
    listed.find(engine => engine.why)?.why ||
    voice.trans.__('no engine for conda is here')
  );
}

/** What does the work, where there is a choice. */
function EngineChoice(props: IChoicesProps): React.JSX.Element | null {
  const { model, voice } = props;
  const { trans } = voice;
  const id = useId();
  const { manager, engine } = model.draft;
  const offers = model.available.engines.filter(
    offer => offer.manager === manager
  );
  const problems = model.problemsOf('engine');
  const chosen =
    offers.find(offer => offer.name === engine) ??
    offers.find(offer => offer.default);
  if (offers.length < 2 && problems.length === 0) {
    return null;
  }
  return (
    <Labelled label={trans.__('Engine')} htmlFor={id}>
      <select
        id={id}
        className="jp-mod-styled"
        value={engine}
        aria-invalid={problems.length > 0 || undefined}
        aria-describedby={`${id}-help ${id}-problem`}
        onChange={event => model.set({ engine: event.target.value })}
      >
        <option value="">
          {trans.__(
            'The usual one: %1',
            offers.find(offer => offer.default)?.name ?? ''
          )}
        </option>
        {offers.map(offer => (
          <option
            key={offer.name}
            value={offer.name}
            disabled={!offer.available}
          >
            {engineWord(offer)}
          </option>
        ))}
      </select>
      {chosen && (
        <div id={`${id}-help`} className="jp-EnvMgr-help">
          {[chosen.name, chosen.version, chosen.path].filter(Boolean).join(' ')}
        </div>
      )}
      <FieldProblems id={`${id}-problem`} problems={problems} />
    </Labelled>
  );
}

function engineWord(offer: EngineOffer): string {
  return [
    `${offer.name} ${offer.version}`.trim(),
    offer.available ? offer.path : offer.why_not
  ]
    .filter(Boolean)
    .join(' · ');
}
