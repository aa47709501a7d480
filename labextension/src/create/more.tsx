/**
 * The fields that few people need: names, remarks, indexes, variables, location, ~/.local, kernel.
 */
import React, { useId } from 'react';

import type { LocationStatus } from '../api';
import { type IVoice, minorOf, persistenceWord } from '../text/words';
import { FieldProblems, Labelled, TextField } from './field';
import type { FormModel } from './model';
import { pythonOf } from './python';

interface IMoreProps {
  model: FormModel;
  voice: IVoice;
}

/**
 * The fields that few people need.
 */
export function More(props: IMoreProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const { name, python } = model.draft;
  const chosen = model.available.interpreters.find(
    item => pythonOf(item) === python
  );
  const isConda = model.draft.manager === 'conda';
  const minor = isConda
    ? model.draft.condaPython || model.offered.answer?.image || '3.12'
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
        placeholder={model.available.status?.index_url}
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
      {isConda && (
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
      {isConda && <UserSiteChoice {...props} />}
      <KernelChoice {...props} />
    </div>
  );
}

function LocationChoice(props: IMoreProps): React.JSX.Element | null {
  const { model, voice } = props;
  const { trans } = voice;
  const id = useId();
  const locations = model.available.status?.locations ?? [];
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

/** Environments of pip never see it: there is nothing to choose. */
function UserSiteChoice(props: IMoreProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const id = useId();
  const { userSite } = model.draft;
  return (
    <Labelled label={trans.__('User site')}>
      <label className="jp-EnvMgr-check">
        <input
          type="checkbox"
          checked={userSite}
          aria-describedby={`${id}-help ${id}-problem`}
          onChange={event => model.set({ userSite: event.target.checked })}
        />
        {trans.__('Let its programs see ~/.local')}
      </label>
      <div id={`${id}-help`} className="jp-EnvMgr-help">
        {userSite
          ? trans.__('Its kernel does not see it all the same.')
          : trans.__(
              '~/.local is kept out, also of what runs without its kernel, such as training jobs.'
            )}
      </div>
      <FieldProblems
        id={`${id}-problem`}
        problems={model.problemsOf('userSite')}
      />
    </Labelled>
  );
}

function KernelChoice(props: IMoreProps): React.JSX.Element {
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
