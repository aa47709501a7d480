/**
 * The fields that are choices: Python, manager, location, kernel; and those that few people need.
 */
import React, { useId } from 'react';

import type { EngineOffer, Interpreter, LocationStatus } from '../api';
import { type IVoice, minorOf, persistenceWord } from '../text/words';
import { FieldProblems, Labelled, TextField } from './field';
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
export function interpreterWord(item: Interpreter, voice: IVoice): string {
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
  const { interpreters, draft } = model;
  const chosen = interpreters.find(item => pythonOf(item) === draft.python);
  const problems = model.problemsOf('python');
  return (
    <Labelled label={trans.__('Python')} htmlFor={id}>
      <select
        id={id}
        className="jp-mod-styled"
        value={draft.python}
        disabled={model.isPreparing}
        aria-invalid={problems.length > 0 || undefined}
        aria-describedby={`${id}-help ${id}-problem`}
        onChange={event => model.set({ python: event.target.value })}
      >
        {interpreters.length === 0 && (
          <option value={draft.python}>
            {model.isPreparing
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
  const known = model.engines.filter(engine => engine.manager === 'conda');
  const listed = (model.status?.engines ?? []).filter(
    engine => engine.manager === 'conda'
  );
  const isHere = [...known, ...listed].some(engine => engine.available);
  if (isHere || model.isPreparing) {
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
  const offers = model.engines.filter(offer => offer.manager === manager);
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

/** The fields that only conda environments have. */
function CondaChoices(props: IChoicesProps): React.JSX.Element {
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
        offers={model.condaPythons}
      />
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

/**
 * The fields that few people need.
 */
export function More(props: IChoicesProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const { name, python } = model.draft;
  const chosen = model.interpreters.find(item => pythonOf(item) === python);
  const isConda = model.draft.manager === 'conda';
  const minor = isConda
    ? model.draft.condaPython || '3.12'
    : minorOf(chosen?.version ?? '');
  const standard = `Python ${minor} (${name || 'my-training'})`;
  return (
    <div className="jp-EnvMgr-more">
      <TextField
        model={model}
        field="displayName"
        label={trans.__('Display name')}
        placeholder={standard}
        help={trans.__('What launcher and kernel picker call it.')}
      />
      <TextField
        model={model}
        field="remarks"
        label={trans.__('Remarks')}
        rows={2}
      />
      <TextField
        model={model}
        field="labels"
        label={trans.__('Labels')}
        placeholder={trans.__('team=vision, project=atlas')}
      />
      <TextField
        model={model}
        field="indexUrl"
        label={trans.__('Index URL')}
        placeholder={model.status?.index_url}
        help={trans.__(
          'In place of the one that is configured. Credentials are not kept.'
        )}
      />
      <TextField
        model={model}
        field="extraIndexUrls"
        label={trans.__('Extra indexes')}
        rows={2}
        help={trans.__('One address per line.')}
      />
      {model.draft.manager === 'conda' && (
        <TextField
          model={model}
          field="variables"
          label={trans.__('Variables')}
          rows={2}
          placeholder={trans.__('DATA_DIR=/data')}
          help={trans.__(
            'One NAME=value per line, set wherever the environment is active.'
          )}
        />
      )}
      <LocationChoice {...props} />
      <KernelChoice {...props} />
    </div>
  );
}

function LocationChoice(props: IChoicesProps): React.JSX.Element | null {
  const { model, voice } = props;
  const { trans } = voice;
  const id = useId();
  const locations = model.status?.locations ?? [];
  const standard = locations.find(location => location.default);
  const { location } = model.draft;
  const problems = model.problemsOf('location');
  const chosen = locations.find(item => item.name === location) ?? standard;
  if (locations.length === 0) {
    return null;
  }
  return (
    <Labelled label={trans.__('Location')} htmlFor={id}>
      <select
        id={id}
        className="jp-mod-styled"
        value={chosen?.name ?? ''}
        aria-describedby={`${id}-help ${id}-problem`}
        onChange={event => {
          const { value } = event.target;
          model.set({ location: value === standard?.name ? '' : value });
        }}
      >
        {locations.map(item => (
          <option key={item.name} value={item.name} disabled={!item.writable}>
            {locationWord(item, voice)}
          </option>
        ))}
      </select>
      {chosen && (
        <div id={`${id}-help`} className="jp-EnvMgr-help">
          {[chosen.path, chosen.persistence.why].join(' · ')}
        </div>
      )}
      <FieldProblems id={`${id}-problem`} problems={problems} />
    </Labelled>
  );
}

function locationWord(item: LocationStatus, voice: IVoice): string {
  const { trans, format } = voice;
  return [
    item.name,
    item.free === null ? '' : trans.__('%1 free', format.bytes(item.free)),
    persistenceWord(item.persistence, trans),
    item.writable ? '' : trans.__('read-only')
  ]
    .filter(Boolean)
    .join(' · ');
}

function KernelChoice(props: IChoicesProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  return (
    <Labelled label={trans.__('Kernel')}>
      <label className="jp-EnvMgr-check">
        <input
          type="checkbox"
          checked={model.draft.kernel}
          onChange={event => model.set({ kernel: event.target.checked })}
        />
        {trans.__('Add ipykernel and register a kernel')}
      </label>
      <FieldProblems id="" problems={model.problemsOf('kernel')} />
    </Labelled>
  );
}
