/**
 * The log of a job: follows the newest line until somebody scrolls up.
 */
import React, { memo, useLayoutEffect, useRef } from 'react';

import { Caret } from '../environments/row';
import { CopyButton } from '../components/parts';
import type { IVoice } from '../text/words';
import type { ILogLine, JobFeed } from './feed';

/** Lines that make one text node: there are few of those, however long the log is. */
const BLOCK = 250;

/** Pixels from the end that still count as the end. */
const NEAR = 24;

/**
 * The log, folded or not.
 */
export function Log(props: {
  feed: JobFeed;
  voice: IVoice;
  isOpen: boolean;
  onToggle: (open: boolean) => void;
}): React.JSX.Element {
  const { feed, voice, isOpen, onToggle } = props;
  const { trans, format } = voice;
  const count = feed.log.length + feed.dropped;
  return (
    <section className="jp-EnvMgr-logSection" aria-label={trans.__('Log')}>
      <div className="jp-EnvMgr-logTitle">
        <button
          type="button"
          className="jp-EnvMgr-fold"
          aria-expanded={isOpen}
          onClick={() => onToggle(!isOpen)}
        >
          <Caret expanded={isOpen} />
          {trans.__('Log')}
          <span className="jp-EnvMgr-count">
            {trans._n('%2 line', '%2 lines', count, format.count(count))}
          </span>
        </button>
        {isOpen && (
          <CopyButton
            text={() => textOfLog(feed.log)}
            label={trans.__('Copy log')}
            trans={trans}
          />
        )}
      </div>
      {isOpen && <Lines feed={feed} voice={voice} />}
    </section>
  );
}

/**
 * A log as text.
 */
export function textOfLog(lines: readonly ILogLine[]): string {
  return lines.map(textOfLine).join('\n');
}

function textOfLine(line: ILogLine): string {
  switch (line.kind) {
    case 'step':
      return `── ${line.text} ──`;
    case 'warning':
      return `⚠ ${line.text}`;
    case 'info':
      return `ℹ ${line.text}`;
    default:
      return line.text;
  }
}

/**
 * The lines in blocks that stay the same while others are added at the end.
 */
export function blocksOf(
  lines: readonly ILogLine[]
): readonly { readonly key: number; readonly text: string }[] {
  const blocks: { key: number; text: string }[] = [];
  let begin = 0;
  while (begin < lines.length) {
    const key = Math.floor(lines[begin].seq / BLOCK);
    let end = begin + 1;
    while (end < lines.length && Math.floor(lines[end].seq / BLOCK) === key) {
      end += 1;
    }
    blocks.push({ key, text: textOfLog(lines.slice(begin, end)) });
    begin = end;
  }
  return blocks;
}

const Block = memo(function Block(props: { text: string }) {
  return <pre>{props.text}</pre>;
});

function Lines(props: { feed: JobFeed; voice: IVoice }): React.JSX.Element {
  const { feed, voice } = props;
  const { trans, format } = voice;
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const { log, dropped } = feed;
  useLayoutEffect(() => {
    const element = box.current;
    if (element && isAtEnd.current) {
      element.scrollTop = element.scrollHeight;
    }
  }, [log]);
  return (
    <div
      ref={box}
      className="jp-EnvMgr-log jp-EnvMgr-selectable"
      role="log"
      aria-live="off"
      aria-label={trans.__('Log')}
      // A region that scrolls has to be reachable by keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onScroll={event => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR;
      }}
    >
      {dropped > 0 && (
        <p className="jp-EnvMgr-quiet">
          {trans._n(
            '%2 earlier line is not shown',
            '%2 earlier lines are not shown',
            dropped,
            format.count(dropped)
          )}
        </p>
      )}
      {log.length === 0 && (
        <p className="jp-EnvMgr-quiet">{trans.__('Nothing yet.')}</p>
      )}
      {blocksOf(log).map(block => (
        <Block key={block.key} text={block.text} />
      ))}
    </div>
  );
}
