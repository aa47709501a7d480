/**
 * The tree of user packages, one branch per Python.
 */
import React, { useMemo, useReducer, useState } from 'react';

import type { Diagnosis, UserPackage, UserPython, UserSite } from '../api';
import { Sign } from '../components/parts';
import { type ITreeLine, Tree } from '../components/tree';
import { moveOf } from '../environments/keyboard';
import { Caret } from '../environments/row';
import { hidesIcon, packageIcon } from '../icons';
import { packageTitle, SearchBox } from '../packages/lines';
import type { IVoice } from '../text/words';
import { Badges } from './badges';
import { isHiding, packagesOf } from './model';

type UserLine = ITreeLine & { readonly parent: string | null } & (
    | { readonly kind: 'python'; readonly python: UserPython }
    | { readonly kind: 'package'; readonly item: UserPackage }
  );

/**
 * The lines of the tree of user packages.
 */
export function userLines(
  site: UserSite,
  toggled: ReadonlySet<string>,
  query: string
): readonly UserLine[] {
  const lines: UserLine[] = [];
  const shown = site.pythons
    .map(python => ({ python, found: packagesOf(python, query) }))
    .filter(({ found }) => query.trim() === '' || found.length > 0);
  shown.forEach(({ python, found }, index) => {
    const key = `python:${python.path}`;
    // What hides something here is open at first; all else is closed.
    const isOpen = python.active && python.hiding_count > 0;
    const expanded = query.trim() !== '' || toggled.has(key) !== isOpen;
    lines.push({
      kind: 'python',
      python,
      key,
      parent: null,
      level: 1,
      expanded,
      position: index + 1,
      siblings: shown.length
    });
    if (expanded) {
      found.forEach((item, place) => {
        lines.push({
          kind: 'package',
          item,
          key: `package:${item.package.path}:${item.package.name}:${key}`,
          parent: key,
          level: 2,
          expanded: null,
          position: place + 1,
          siblings: found.length
        });
      });
    }
  });
  return lines;
}

/**
 * The tree.
 */
export function Pythons(props: {
  site: UserSite;
  /** What is wrong in this image; its badges stand beside the Python that it is for. */
  diagnosis: Diagnosis | null;
  voice: IVoice;
  onDiagnose: () => void;
}): React.JSX.Element {
  const { site, diagnosis, voice, onDiagnose } = props;
  const { trans } = voice;
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [query, setQuery] = useState('');
  const [current, setCurrent] = useState<string | null>(null);
  const [focusCount, focusLine] = useReducer((n: number) => n + 1, 0);
  const lines = useMemo(
    () => userLines(site, toggled, query),
    [site, toggled, query]
  );
  const toggle = (key: string) => {
    const next = new Set(toggled);
    if (!next.delete(key)) {
      next.add(key);
    }
    setToggled(next);
  };
  return (
    <>
      <div className="jp-EnvMgr-filter" role="search">
        <SearchBox
          query={query}
          label={trans.__('Search user packages')}
          onChange={setQuery}
          onLeave={focusLine}
        />
      </div>
      {lines.length === 0 && query.trim() !== '' && (
        <div className="jp-EnvMgr-empty jp-EnvMgr-quiet">
          {trans.__('No package fits “%1”.', query.trim())}
        </div>
      )}
      <div className="jp-EnvMgr-treeFrame">
        <Tree
          label={trans.__('User packages')}
          lines={lines}
          current={current}
          focusCount={focusCount}
          attributes={line => attributesOf(line, voice)}
          draw={line =>
            line.kind === 'python' ? (
              <PythonLine
                line={line}
                diagnosis={diagnosis}
                voice={voice}
                onDiagnose={onDiagnose}
              />
            ) : (
              <PackageLine item={line.item} voice={voice} />
            )
          }
          onSelect={line => setCurrent(line.key)}
          onClick={line => {
            setCurrent(line.key);
            if (line.kind === 'python') {
              toggle(line.key);
            }
          }}
          onDoubleClick={() => undefined}
          onKeyDown={(event, page) => {
            const line = lines.find(other => other.key === current);
            const isRtl =
              getComputedStyle(event.currentTarget).direction === 'rtl';
            const isOpening = event.key === 'Enter' || event.key === ' ';
            const move =
              isOpening && line?.kind === 'python'
                ? { toggle: line.key }
                : moveOf(event.key, lines, current, page, isRtl);
            if (move === null || event.ctrlKey || event.metaKey) {
              return;
            }
            if (move.toggle !== undefined) {
              toggle(move.toggle);
            }
            if ('focus' in move && move.focus !== undefined) {
              setCurrent(move.focus);
            }
            event.preventDefault();
            event.stopPropagation();
          }}
        />
      </div>
    </>
  );
}

function attributesOf(line: UserLine, voice: IVoice) {
  if (line.kind === 'python') {
    return {
      className: 'jp-EnvMgr-group',
      title: [...pythonFacts(line.python, voice), line.python.path].join('\n')
    };
  }
  const { item } = line;
  return {
    className: 'jp-EnvMgr-inner jp-mod-level-2',
    title: [packageTitle(item.package, voice), hidesWords(item, voice)]
      .filter(Boolean)
      .join('\n')
  };
}

/** How much there is for a Python, and whether that counts here. */
function pythonFacts(python: UserPython, voice: IVoice): readonly string[] {
  const { trans, format } = voice;
  const count = python.package_count;
  return [
    trans._n('%2 package', '%2 packages', count, format.count(count)),
    python.size === null ? '' : format.bytes(python.size),
    python.active ? '' : trans.__('not used here')
  ].filter(Boolean);
}

function hidesWords(item: UserPackage, voice: IVoice): string {
  return isHiding(item)
    ? voice.trans.__(
        '%1 %2 hides the image’s %3',
        item.package.name,
        item.package.version,
        item.hides
      )
    : '';
}

function PythonLine(props: {
  line: Extract<UserLine, { kind: 'python' }>;
  diagnosis: Diagnosis | null;
  voice: IVoice;
  onDiagnose: () => void;
}): React.JSX.Element {
  const { line, diagnosis, voice, onDiagnose } = props;
  const { trans, format } = voice;
  const { python } = line;
  const isDiagnosed = diagnosis?.target.python === python.version;
  return (
    <>
      <Caret expanded={line.expanded === true} />
      <span className="jp-EnvMgr-name">
        {trans.__('Python %1', python.version)}
      </span>
      {isDiagnosed ? (
        <Badges diagnosis={diagnosis} voice={voice} onOpen={onDiagnose} />
      ) : (
        python.active &&
        python.hiding_count > 0 && (
          <span className="jp-EnvMgr-hiding">
            <Sign
              icon={hidesIcon}
              word={trans._n(
                '%2 hides the image’s',
                '%2 hide the image’s',
                python.hiding_count,
                format.count(python.hiding_count)
              )}
              className="jp-mod-warn"
            />
            <span aria-hidden="true">{format.count(python.hiding_count)}</span>
          </span>
        )
      )}
      <span className="jp-EnvMgr-meta">
        {pythonFacts(python, voice).join(' · ')}
      </span>
    </>
  );
}

function PackageLine(props: {
  item: UserPackage;
  voice: IVoice;
}): React.JSX.Element {
  const { item, voice } = props;
  const { trans } = voice;
  return (
    <>
      {isHiding(item) ? (
        <Sign
          icon={hidesIcon}
          word={trans.__('Hides the image’s')}
          className="jp-mod-warn"
        />
      ) : (
        <Sign
          icon={packageIcon}
          word={trans.__('User package')}
          className="jp-mod-faint"
        />
      )}
      <span className="jp-EnvMgr-name">{item.package.name}</span>
      <span className="jp-EnvMgr-versionNow">{item.package.version}</span>
      {isHiding(item) && (
        <span className="jp-EnvMgr-preview">
          {trans.__('hides the image’s %1', item.hides)}
        </span>
      )}
    </>
  );
}
