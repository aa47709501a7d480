/**
 * Packages as lines: name, version, and what is special about them.
 */
import { searchIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { Package } from '../api';
import { MenuButton, Sign } from '../components/parts';
import { packageIcon } from '../icons';
import { type IVoice } from '../text/words';

/**
 * The line of one package.
 */
export function PackageLine(props: {
  package: Package;
  voice: IVoice;
  tabIndex?: number;
  /** Open the menu of what can be done with it; left out where nothing can. */
  onMenu?: (button: HTMLElement) => void;
}): React.JSX.Element {
  const { package: item, voice, tabIndex = -1, onMenu } = props;
  const { trans } = voice;
  return (
    <>
      <Sign
        icon={packageIcon}
        word={item.asked_for ? trans.__('Asked for') : trans.__('Dependency')}
        className={item.asked_for ? 'jp-mod-plain' : 'jp-mod-faint'}
      />
      <span className="jp-EnvMgr-name">{item.name}</span>
      <span className="jp-EnvMgr-version">{item.version}</span>
      {item.editable && (
        <span className="jp-EnvMgr-tag">{trans.__('editable')}</span>
      )}
      {item.problem && (
        <span className="jp-EnvMgr-tag jp-mod-warn" title={item.problem}>
          {trans.__('damaged')}
        </span>
      )}
      {onMenu && (
        <span className="jp-EnvMgr-rowActions">
          <MenuButton
            label={trans.__('Actions on %1', item.name)}
            tabIndex={tabIndex}
            onClick={onMenu}
          />
        </span>
      )}
    </>
  );
}

/**
 * What the tooltip of a package says.
 */
export function packageTitle(item: Package, voice: IVoice): string {
  const { trans, format } = voice;
  return [
    `${item.name} ${item.version}`,
    item.summary,
    item.licence && trans.__('Licence: %1', item.licence),
    item.installer && trans.__('Installed by %1', item.installer),
    item.origin && trans.__('From %1', item.origin),
    item.home_page,
    item.size !== null ? format.bytes(item.size) : '',
    item.problem
  ]
    .filter(Boolean)
    .join('\n');
}

/**
 * A box to search in, with how much was found.
 */
export function SearchBox(props: {
  query: string;
  label: string;
  tabIndex?: number;
  onChange: (query: string) => void;
  /** Go to what was found: the arrow key leads down to it, Escape away from an empty box. */
  onLeave?: () => void;
}): React.JSX.Element {
  return (
    <span className="jp-EnvMgr-search">
      <searchIcon.react tag={null} width="14px" height="14px" />
      <input
        type="search"
        spellCheck={false}
        autoComplete="off"
        value={props.query}
        placeholder={props.label}
        aria-label={props.label}
        title={props.label}
        tabIndex={props.tabIndex}
        onChange={event => props.onChange(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Escape') {
            event.stopPropagation();
            if (props.query !== '') {
              props.onChange('');
            } else {
              props.onLeave?.();
            }
          } else if (event.key === 'ArrowDown' && props.onLeave) {
            event.preventDefault();
            props.onLeave();
          }
        }}
      />
    </span>
  );
}
