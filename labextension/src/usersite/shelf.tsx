/**
 * The page of snapshots: what was set aside, and all that can be done with it.
 */
import { UseSignal } from '@jupyterlab/ui-components';
import React, { useId, useState } from 'react';

import { Button, Skeleton } from '../components/parts';
import { Caution } from '../components/plan';
import { ProblemCard } from '../components/problem';
import { type IShelfProps, type Order, sorted } from './snapshots';
import { SnapshotItem } from './snapshot';

/**
 * The page.
 */
export function Shelf(props: IShelfProps): React.JSX.Element {
  return (
    <UseSignal signal={props.model.changed}>
      {() => <Content {...props} />}
    </UseSignal>
  );
}

function Content(props: IShelfProps): React.JSX.Element {
  const { model, voice, actions } = props;
  const { trans, format } = voice;
  const [order, setOrder] = useState<Order>('newest');
  const id = useId();
  const { list, problem } = model;
  const snapshots = list?.snapshots ?? [];
  return (
    <div className="jp-EnvMgr-page jp-EnvMgr-shelf">
      <h2>{trans.__('Snapshots of user packages')}</h2>
      {problem && (
        <ProblemCard
          problem={problem}
          trans={trans}
          isNew
          onDismiss={() => model.dismiss()}
        >
          <Button onClick={() => void model.refresh()}>
            {trans.__('Look again')}
          </Button>
        </ProblemCard>
      )}
      {list?.warnings.map(text => (
        <Caution key={text} text={text} trans={trans} />
      ))}
      {!list && !problem && <Skeleton lines={4} trans={trans} />}
      {list && snapshots.length === 0 && (
        <p className="jp-EnvMgr-quiet">
          {trans.__(
            'There are none. When user packages are set aside, they lie here until you bring them back.'
          )}
        </p>
      )}
      {snapshots.length > 1 && (
        <div className="jp-EnvMgr-guideRow jp-EnvMgr-control">
          <label htmlFor={id}>{trans.__('Sort by')}</label>
          <select
            id={id}
            className="jp-mod-styled"
            value={order}
            onChange={event => setOrder(event.target.value as Order)}
          >
            <option value="newest">{trans.__('the newest first')}</option>
            <option value="name">{trans.__('name')}</option>
            <option value="size">{trans.__('size')}</option>
          </select>
        </div>
      )}
      {snapshots.length > 0 && (
        <ul className="jp-EnvMgr-snapshots" aria-label={trans.__('Snapshots')}>
          {sorted(snapshots, order, format.locale).map(snapshot => (
            <SnapshotItem
              key={snapshot.path}
              snapshot={snapshot}
              others={snapshots}
              {...props}
            />
          ))}
        </ul>
      )}
      {list && list.adoptable.length > 0 && (
        <>
          <h3>{trans.__('Backups made by hand')}</h3>
          <p className="jp-EnvMgr-quiet">
            {trans.__(
              'They look like user packages. As snapshots they can be compared and restored.'
            )}
          </p>
          <ul className="jp-EnvMgr-snapshots">
            {list.adoptable.map(path => (
              <li key={path} className="jp-EnvMgr-snapshot">
                <span className="jp-EnvMgr-selectable jp-EnvMgr-adoptable">
                  {path}
                </span>
                <Button onClick={() => void actions.adopt(path)}>
                  {trans.__('Adopt…')}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
