/**
 * The packages that a plan changes, in columns; how many they are and their sum stay in sight.
 */
import React from 'react';

import type { Plan } from '../api';
import { actionWord, type IVoice } from '../text/words';
import { PathText } from './parts';

type Step = Plan['steps'][number];

/** A package, and what is done with it. */
export interface IPackageChange {
  readonly action: string;
  readonly name: string;
  /** The version that comes or goes, or both. */
  readonly version: string;
  readonly channel: string;
  /** The whole address of the channel. */
  readonly address: string;
  /** Bytes to download; null if it is here. */
  readonly size: number | null;
}

/**
 * The packages that the steps of a plan are about.
 */
export function packagesIn(steps: readonly Step[]): readonly IPackageChange[] {
  return steps.flatMap(step => {
    const { action, package: change } = step;
    if (!change) {
      return [];
    }
    const { name, before, after, channel = '', size = null } = change;
    const version = [before, after].filter(Boolean).join(' → ');
    const address = change.channel_url ?? '';
    return [{ action, name, version, channel, address, size }];
  });
}

/**
 * The table. It scrolls, by keyboard too; what is above and below its rows stays.
 */
export function PackageTable(props: {
  packages: readonly IPackageChange[];
  voice: IVoice;
}): React.JSX.Element {
  const { packages, voice } = props;
  const { trans, format } = voice;
  const sum = packages.reduce((bytes, { size }) => bytes + (size ?? 0), 0);
  return (
    <div className="jp-EnvMgr-packageFrame">
      <div
        className="jp-EnvMgr-packageTable jp-EnvMgr-selectable"
        role="table"
        aria-label={trans.__('Packages')}
        aria-rowcount={packages.length + 2}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        <div role="row" className="jp-mod-head">
          <span role="columnheader">{trans.__('Change')}</span>
          <span role="columnheader">{trans.__('Package')}</span>
          <span role="columnheader">{trans.__('Version')}</span>
          <span role="columnheader">{trans.__('Channel')}</span>
          <span role="columnheader">{trans.__('To download')}</span>
        </div>
        {packages.map(change => (
          <PackageRow key={change.name} change={change} voice={voice} />
        ))}
        <div role="row" className="jp-mod-sum">
          <span role="cell" aria-colspan={4}>
            {trans._n(
              '%2 package',
              '%2 packages',
              packages.length,
              format.count(packages.length)
            )}
          </span>{' '}
          <span role="cell">{format.bytes(sum)}</span>
        </div>
      </div>
    </div>
  );
}

/** The blanks between the cells are for who copies a row, or has it read. */
function PackageRow(props: {
  change: IPackageChange;
  voice: IVoice;
}): React.JSX.Element {
  const { change, voice } = props;
  const { trans, format } = voice;
  return (
    <div role="row">
      <span role="cell">{actionWord(change.action, trans)}</span>{' '}
      <code role="cell">{change.name}</code>{' '}
      <span role="cell">{change.version}</span>{' '}
      <span role="cell" title={change.address}>
        {change.channel.includes('/') ? (
          <PathText path={change.channel} />
        ) : (
          change.channel
        )}
      </span>{' '}
      <span role="cell">
        {change.size === null ? '' : format.bytes(change.size)}
      </span>
    </div>
  );
}
