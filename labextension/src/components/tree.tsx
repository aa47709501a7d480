/**
 * A tree of any length that draws only the lines in sight, and is used by keyboard like any tree.
 */
import React, {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState
} from 'react';

import { linesInSight, offsetsOf } from './window';
import { bringIntoSight, useMeasure, useSight } from './sight';

/** The height of a line that is not measured. */
export const LINE_HEIGHT = 24;

const AROUND = 12;

/** What a tree needs to know of its lines. */
export interface ITreeLine {
  readonly key: string;
  readonly level: number;
  readonly expanded: boolean | null;
  readonly position: number;
  readonly siblings: number;
}

/** What the attributes of a line's element are made from. */
export interface ILineAttributes {
  readonly label?: string;
  readonly className?: string;
  readonly title?: string;
  /** Whether its height is its content's, and not that of every line. */
  readonly isTall?: boolean;
  /** Found by context menus and tests. */
  readonly dataset?: Readonly<Record<`data-${string}`, string>>;
}

interface ITreeProps<T extends ITreeLine> {
  label: string;
  lines: readonly T[];
  current: string | null;
  /** Counts up to bring the focus to the current line. */
  focusCount: number;
  attributes: (line: T) => ILineAttributes;
  draw: (line: T, isCurrent: boolean) => React.ReactNode;
  onSelect: (line: T) => void;
  onClick: (line: T, event: React.MouseEvent) => void;
  onDoubleClick: (line: T, event: React.MouseEvent) => void;
  onKeyDown: (event: React.KeyboardEvent, page: number) => void;
}

/**
 * The tree.
 */
export function Tree<T extends ITreeLine>(
  props: ITreeProps<T>
): React.JSX.Element {
  const { lines, current } = props;
  const box = useRef<HTMLDivElement>(null);
  const hasFocus = useRef(false);
  const [heights, setHeights] = useState<ReadonlyMap<string, number>>(
    () => new Map()
  );
  const [sight, setSight] = useState({ top: 0, height: 600 });
  const { attributes } = props;

  const offsets = useMemo(
    () =>
      offsetsOf(lines.length, index => {
        const line = lines[index];
        return attributes(line).isTall
          ? (heights.get(line.key) ?? LINE_HEIGHT)
          : LINE_HEIGHT;
      }),
    [lines, heights, attributes]
  );
  const currentIndex = useMemo(
    () => lines.findIndex(line => line.key === current),
    [lines, current]
  );
  const drawn = linesInSight(
    offsets,
    sight.top,
    sight.height,
    AROUND,
    currentIndex
  );

  useSight(box, setSight);
  const measure = useMeasure(setHeights);

  const focusCurrent = useCallback(() => {
    const index = Math.max(0, currentIndex);
    const element = box.current?.querySelector<HTMLElement>(
      `[data-line="${CSS.escape(String(lines[index]?.key ?? ''))}"]`
    );
    if (element && box.current) {
      bringIntoSight(box.current, offsets[index], offsets[index + 1]);
      element.focus({ preventScroll: true });
    }
  }, [lines, currentIndex, offsets]);

  // The line with the focus may be gone, or another one may be the current one now.
  useLayoutEffect(() => {
    const active = document.activeElement;
    const isInside = box.current?.contains(active) ?? false;
    if (hasFocus.current && (active === document.body || active === null)) {
      focusCurrent();
    } else if (isInside && active instanceof HTMLElement) {
      const key = active.dataset.line;
      if (key !== undefined && key !== current) {
        focusCurrent();
      }
    }
    // Only a change of the current line, or of the lines, moves the focus.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [current, lines]);

  const { focusCount } = props;
  useEffect(() => {
    if (focusCount > 0) {
      focusCurrent();
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [focusCount]);

  const lineOf = (event: React.SyntheticEvent): T | undefined => {
    const element = (event.target as HTMLElement).closest<HTMLElement>(
      '[data-line]'
    );
    return lines.find(line => line.key === element?.dataset.line);
  };
  const tabStop = Math.max(0, currentIndex);

  return (
    <div
      ref={box}
      className="jp-EnvMgr-tree"
      role="tree"
      aria-label={props.label}
      tabIndex={-1}
      onFocus={event => {
        hasFocus.current = true;
        const line = lineOf(event);
        if (line && line.key !== current) {
          props.onSelect(line);
        }
      }}
      onBlur={event => {
        if (!event.currentTarget.contains(event.relatedTarget)) {
          hasFocus.current = false;
        }
      }}
      onClick={event => {
        const line = lineOf(event);
        if (line && !isControl(event.target)) {
          props.onClick(line, event);
        }
      }}
      onDoubleClick={event => {
        const line = lineOf(event);
        if (line && !isControl(event.target)) {
          props.onDoubleClick(line, event);
        }
      }}
      onContextMenu={event => {
        const line = lineOf(event);
        if (line) {
          props.onSelect(line);
        }
      }}
      onKeyDown={event => {
        if (!isControl(event.target) || event.key === 'Escape') {
          const page = Math.max(1, Math.floor(sight.height / LINE_HEIGHT) - 1);
          props.onKeyDown(event, page);
        }
      }}
    >
      <div
        className="jp-EnvMgr-treeContent"
        role="presentation"
        style={{ height: offsets[lines.length] }}
      >
        {drawn.map(index => {
          const line = lines[index];
          const given = attributes(line);
          return (
            <div
              key={line.key}
              ref={given.isTall ? measure : undefined}
              role="treeitem"
              aria-level={line.level}
              aria-expanded={line.expanded ?? undefined}
              aria-posinset={line.position}
              aria-setsize={line.siblings}
              aria-selected={line.key === current}
              aria-label={given.label}
              className={`jp-EnvMgr-line ${given.className ?? ''}${line.key === current ? ' jp-mod-current' : ''}`}
              data-line={line.key}
              {...given.dataset}
              tabIndex={index === tabStop ? 0 : -1}
              title={given.title}
              style={{
                top: offsets[index],
                minHeight: LINE_HEIGHT,
                height: given.isTall ? undefined : LINE_HEIGHT
              }}
            >
              {props.draw(line, line.key === current)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Whether a key or a click belongs to something inside a line. */
function isControl(target: EventTarget): boolean {
  return (
    target instanceof Element &&
    target.closest(
      'button, input, a, textarea, select, .jp-EnvMgr-selectable'
    ) !== null
  );
}
