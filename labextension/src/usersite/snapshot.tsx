/**
 * One snapshot in the list: what it is, what is in it, what can be done with it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import {
  type Comparison,
  type Problem,
  problemOf,
  type Snapshot
} from '../api';
import { Button, PathText, Sign, Skeleton } from '../components/parts';
import { ProblemCard } from '../components/problem';
import { failedIcon, workingIcon } from '../icons';
import { Fold } from './fold';
import type { IShelfProps } from './snapshots';

/**
 * The item.
 */
export function SnapshotItem(
  props: IShelfProps & { snapshot: Snapshot; others: readonly Snapshot[] }
): React.JSX.Element {
  const { snapshot, model, voice, actions } = props;
  const { trans, format } = voice;
  const job = model.jobOf(snapshot.name);
  const isRestored = snapshot.state === 'restored';
  const count = snapshot.packages.length;
  const facts = [
    trans._n('%2 package', '%2 packages', count, format.count(count)),
    format.bytes(snapshot.bytes),
    snapshot.pythons.length > 0
      ? trans.__('Python %1', snapshot.pythons.join(', '))
      : '',
    snapshot.image,
    originWord(snapshot, trans)
  ];
  return (
    // F2 reaches it from whichever control inside has the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <li
      className="jp-EnvMgr-snapshot"
      aria-busy={job !== null}
      onKeyDown={event => {
        if (event.key === 'F2') {
          event.preventDefault();
          void actions.rename(snapshot);
        }
      }}
    >
      <div className="jp-EnvMgr-snapshotTitle">
        <strong className="jp-EnvMgr-selectable">{snapshot.name}</strong>
        <span
          className="jp-EnvMgr-quiet"
          title={format.absolute(snapshot.created)}
        >
          {format.ago(snapshot.created)}
        </span>
        {snapshot.state !== 'complete' && (
          <span className="jp-EnvMgr-tag">
            {!isRestored && (
              <Sign
                icon={failedIcon}
                word={trans.__('Warning')}
                className="jp-mod-warn"
              />
            )}{' '}
            {stateWord(snapshot, trans)}
          </span>
        )}
      </div>
      <div className="jp-EnvMgr-facts">
        {facts.filter(Boolean).map(fact => (
          <span key={fact}>{fact}</span>
        ))}
      </div>
      {snapshot.remarks && (
        <p className="jp-EnvMgr-remarks jp-EnvMgr-selectable">
          {snapshot.remarks}
        </p>
      )}
      {job && (
        <p role="status">
          <Sign
            icon={workingIcon}
            word={trans.__('running')}
            className="jp-mod-working"
          />{' '}
          {job.title}
        </p>
      )}
      <div className="jp-EnvMgr-actions">
        <Button
          kind="link"
          disabled={isRestored || job !== null}
          title={isRestored ? trans.__('It was restored: it is empty') : ''}
          onClick={() => void actions.restore(snapshot.name, [])}
        >
          {trans.__('Restore…')}
        </Button>
        <Button
          kind="link"
          title={trans.__('Its packages as a requirements file')}
          onClick={() => void actions.exportRequirements(snapshot.name)}
        >
          {trans.__('Export requirements')}
        </Button>
        <Button
          kind="link"
          disabled={job !== null}
          title={trans.__('F2')}
          onClick={() => void actions.rename(snapshot)}
        >
          {trans.__('Rename…')}
        </Button>
        <Button
          kind="link"
          disabled={job !== null}
          onClick={() => void actions.remove(snapshot.name)}
        >
          {trans.__('Delete…')}
        </Button>
      </div>
      <Fold label={trans.__('Packages')}>
        <Packages {...props} />
      </Fold>
      <Fold label={trans.__('Compare')}>
        <Compare {...props} />
      </Fold>
    </li>
  );
}

function Packages(
  props: IShelfProps & { snapshot: Snapshot }
): React.JSX.Element {
  const { snapshot, voice, actions } = props;
  const { trans } = voice;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  return (
    <>
      <div className="jp-EnvMgr-where">
        <PathText path={snapshot.path} />
      </div>
      <ul className="jp-EnvMgr-checkList">
        {snapshot.packages.map(item => (
          <li key={`${item.python} ${item.name}`}>
            <label className="jp-EnvMgr-check">
              <input
                type="checkbox"
                checked={chosen.has(item.name)}
                onChange={() => {
                  const next = new Set(chosen);
                  if (!next.delete(item.name)) {
                    next.add(item.name);
                  }
                  setChosen(next);
                }}
              />
              <span>{item.name}</span>
              <span className="jp-EnvMgr-quiet">{item.version}</span>
              {snapshot.pythons.length > 1 && (
                <span className="jp-EnvMgr-quiet">
                  {trans.__('Python %1', item.python)}
                </span>
              )}
            </label>
          </li>
        ))}
      </ul>
      {chosen.size > 0 && snapshot.state !== 'restored' && (
        <Button
          kind="link"
          onClick={() => void actions.restore(snapshot.name, [...chosen])}
        >
          {trans._n(
            'Restore the chosen package…',
            'Restore the %1 chosen packages…',
            chosen.size
          )}
        </Button>
      )}
    </>
  );
}

function Compare(
  props: IShelfProps & { snapshot: Snapshot; others: readonly Snapshot[] }
): React.JSX.Element {
  const { snapshot, others, model, voice } = props;
  const { trans, format } = voice;
  const [other, setOther] = useState('');
  const [found, setFound] = useState<Comparison | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const look = (choice: string) => {
    setOther(choice);
    setFound(null);
    setProblem(null);
    if (choice) {
      model
        .compare(snapshot.name, choice)
        .then(setFound)
        .catch((error: unknown) => setProblem(problemOf(error, trans)));
    }
  };
  return (
    <div className="jp-EnvMgr-control">
      <select
        className="jp-mod-styled"
        aria-label={trans.__('Compare with')}
        value={other}
        onChange={event => look(event.target.value)}
      >
        <option value="">{trans.__('with…')}</option>
        <option value="present">{trans.__('the present')}</option>
        <option value="image">{trans.__('the image')}</option>
        {others
          .filter(one => one.name !== snapshot.name)
          .map(one => (
            <option key={one.name} value={one.name}>
              {one.name}
            </option>
          ))}
      </select>
      {problem && <ProblemCard problem={problem} trans={trans} isNew />}
      {other && !found && !problem && <Skeleton lines={2} trans={trans} />}
      {found && (
        <>
          <p role="status">
            {trans.__(
              '%1 different, %2 the same',
              format.count(found.differences.length),
              format.count(found.same_count)
            )}
          </p>
          {found.differences.length > 0 && (
            <table className="jp-EnvMgr-comparison jp-EnvMgr-selectable">
              <thead>
                <tr>
                  <th scope="col">{trans.__('Package')}</th>
                  <th scope="col">{found.one}</th>
                  <th scope="col">{found.other}</th>
                </tr>
              </thead>
              <tbody>
                {found.differences.map(row => (
                  <tr key={`${row.python} ${row.name}`}>
                    <th scope="row">{row.name}</th>
                    <td>{row.one || trans.__('none')}</td>
                    <td>{row.other || trans.__('none')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
    </div>
  );
}

function originWord(snapshot: Snapshot, trans: TranslationBundle): string {
  switch (snapshot.origin) {
    case 'reset':
      return trans.__('set aside');
    case 'backup':
      return trans.__('a copy');
    case 'adopted':
      return trans.__('made by hand');
    default:
      return trans.__('made when another was restored');
  }
}

function stateWord(snapshot: Snapshot, trans: TranslationBundle): string {
  switch (snapshot.state) {
    case 'restored':
      return trans.__('restored');
    case 'unfinished':
      return trans.__('not finished');
    default:
      return trans.__('damaged');
  }
}
