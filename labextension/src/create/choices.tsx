/**
 * The fields that are choices: Python, manager, location, kernel; and those that few people need.
 */
import React, { useId } from 'react';

import type { Interpreter, LocationStatus } from '../api';
import { type IVoice, persistenceWord } from '../text/words';
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
 * Python and manager.
 */
export function Choices(props: IChoicesProps): React.JSX.Element {
  return (
    <>
      <PythonChoice {...props} />
      <ManagerChoice {...props} />
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
  const engines = model.status?.engines ?? [];
  const isOffered = (manager: string) =>
    engines.some(engine => engine.manager === manager && engine.available);
  const conda = engines.filter(engine => engine.manager === 'conda');
  const why = isOffered('conda')
    ? ''
    : (conda.find(engine => engine.why)?.why ??
      trans.__('no engine for conda is here'));
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

/**
 * The fields that few people need.
 */
export function More(props: IChoicesProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const { name, python } = model.draft;
  const chosen = model.interpreters.find(item => pythonOf(item) === python);
  const minor = (chosen?.version ?? '').split('.').slice(0, 2).join('.');
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
