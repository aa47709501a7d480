/**
 * The tree of environments, and what its keys and clicks do.
 */
import React, {
  useCallback,
  useEffect,
  useMemo,
  useReducer,
  useRef
} from 'react';

import { CommandIDs } from '../commands/ids';
import { Tree } from '../components/tree';
import { nameOf } from '../text/words';
import { attributesOf, Drawn } from './draw';
import { moveOf, typedAhead } from './keyboard';
import type { Line } from './line';
import type { IListProps } from './props';
import { canOpen } from './row';

export function Environments(
  props: IListProps & { lines: readonly Line[]; focusCount: number }
): React.JSX.Element {
  const { model, view, voice, lines } = props;
  const { trans } = voice;
  const typed = useRef({ text: '', time: 0 });
  const attributes = useCallback(
    (line: Line) => attributesOf(line, voice),
    [voice]
  );
  const [, growOld] = useReducer((n: number) => n + 1, 0);
  // Relative times grow old while nothing else changes.
  useEffect(() => {
    const timer = setInterval(growOld, 60000);
    return () => clearInterval(timer);
  }, []);
  const names = useMemo(
    () =>
      lines.flatMap(line =>
        line.kind === 'environment'
          ? [{ key: line.key, text: nameOf(line.environment) }]
          : []
      ),
    [lines]
  );
  const select = (line: Line) =>
    view.select(
      line.key,
      environmentOf(line),
      line.kind === 'package' ? line.package.name : null
    );
  const selectKey = (key: string) => {
    const line = lines.find(other => other.key === key);
    if (line) {
      select(line);
    }
  };

  const onKeyDown = (event: React.KeyboardEvent, page: number) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const line = lines.find(other => other.key === view.current);
    if (event.key === 'Escape') {
      view.filter('');
      view.focus('line');
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (line && line.expanded !== null) {
        view.toggle(line.key, !line.expanded);
      } else if (line?.kind === 'search') {
        (event.target as HTMLElement).querySelector('input')?.focus();
      }
    } else if (event.key.length === 1 && event.key !== '/') {
      const now = Date.now();
      const isLate = now - typed.current.time > 700;
      typed.current = {
        text: (isLate ? '' : typed.current.text) + event.key,
        time: now
      };
      const key = typedAhead(typed.current.text, names, view.current);
      if (key !== null) {
        selectKey(key);
      }
    } else {
      const isRtl = getComputedStyle(event.currentTarget).direction === 'rtl';
      const move = moveOf(event.key, lines, view.current, page, isRtl);
      if (move === null) {
        return;
      }
      if (move.toggle !== undefined) {
        view.toggle(move.toggle);
      }
      if (move.focus !== undefined) {
        selectKey(move.focus);
      }
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      className="jp-EnvMgr-treeFrame"
      aria-busy={model.isRefreshing || undefined}
    >
      <Tree
        label={trans.__('Environments')}
        lines={lines}
        current={view.current}
        focusCount={props.focusCount}
        attributes={attributes}
        draw={(line, isCurrent) => (
          <Drawn {...props} line={line} isCurrent={isCurrent} />
        )}
        onSelect={select}
        onClick={line => {
          select(line);
          if (line.kind === 'group' || line.kind === 'part') {
            view.toggle(line.key, !line.expanded);
          }
        }}
        onDoubleClick={line => {
          if (line.kind === 'environment' && canOpen(line.environment)) {
            void props.commands.execute(CommandIDs.openNotebook, {
              environment: line.environment.id
            });
          }
        }}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

function environmentOf(line: Line): string | null {
  return line.kind === 'group' ? null : line.environment.id;
}
