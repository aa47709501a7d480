/**
 * Small things that several views show in the same way.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ellipsesIcon, type LabIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useRef, useState } from 'react';

/**
 * An icon that says what it means, as a tooltip and to a screen reader.
 */
export function Sign(props: {
  icon: LabIcon;
  word: string;
  className?: string;
}): React.JSX.Element {
  const { icon: Icon, word, className = '' } = props;
  return (
    <span
      className={`jp-EnvMgr-sign ${className}`}
      role="img"
      aria-label={word}
      title={word}
    >
      <Icon.react tag={null} width="14px" height="14px" />
    </span>
  );
}

/**
 * A button that is only an icon.
 */
export function IconButton(props: {
  icon: LabIcon;
  label: string;
  onClick: () => void;
  disabled?: boolean;
  tabIndex?: number;
  className?: string;
}): React.JSX.Element {
  const { icon: Icon } = props;
  return (
    <button
      type="button"
      className={`jp-EnvMgr-iconButton ${props.className ?? ''}`}
      aria-label={props.label}
      title={props.label}
      disabled={props.disabled}
      tabIndex={props.tabIndex}
      onClick={props.onClick}
    >
      <Icon.react tag={null} width="14px" height="14px" />
    </button>
  );
}

/**
 * A button that opens the context menu of what it stands in.
 */
export function MenuButton(props: {
  label: string;
  tabIndex: number;
  onClick: (button: HTMLElement) => void;
}): React.JSX.Element {
  return (
    <button
      type="button"
      className="jp-EnvMgr-iconButton"
      aria-label={props.label}
      aria-haspopup="menu"
      title={props.label}
      tabIndex={props.tabIndex}
      onClick={event => props.onClick(event.currentTarget)}
    >
      <ellipsesIcon.react tag={null} width="14px" height="14px" />
    </button>
  );
}

/**
 * A button with words.
 */
export function Button(props: {
  children: React.ReactNode;
  onClick: () => void;
  kind?: 'accept' | 'warn' | 'plain' | 'link';
  disabled?: boolean;
  title?: string;
  tabIndex?: number;
}): React.JSX.Element {
  const kind = props.kind ?? 'plain';
  const look = {
    accept: 'jp-mod-styled jp-mod-accept',
    warn: 'jp-mod-styled jp-mod-warn',
    plain: 'jp-mod-styled jp-mod-reject',
    link: 'jp-EnvMgr-link'
  }[kind];
  return (
    <button
      type="button"
      className={`jp-EnvMgr-button ${look}`}
      // A disabled button has no tooltip and no focus: nobody would learn the reason.
      aria-disabled={props.disabled || undefined}
      title={props.title}
      tabIndex={props.tabIndex}
      onClick={() => {
        if (!props.disabled) {
          props.onClick();
        }
      }}
    >
      {props.children}
    </button>
  );
}

/**
 * How far something is.
 */
export function ProgressBar(props: {
  fraction: number;
  label: string;
  text?: string;
  isUncertain?: boolean;
}): React.JSX.Element {
  const percent = Math.round(props.fraction * 1000) / 10;
  return (
    <div
      className={`jp-EnvMgr-progress${props.isUncertain ? ' jp-mod-uncertain' : ''}`}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={props.isUncertain ? undefined : Math.floor(percent)}
      aria-valuetext={props.text}
    >
      <div style={{ width: `${percent}%` }} />
    </div>
  );
}

/**
 * A path: its end is worth more than its start, so that is what stays when it is cut.
 */
export function PathText(props: { path: string }): React.JSX.Element {
  return (
    <span className="jp-EnvMgr-path" title={props.path}>
      <bdi dir="ltr">{props.path}</bdi>
    </span>
  );
}

/**
 * Grey bars in the place of lines that are still being read.
 */
export function Skeleton(props: {
  lines: number;
  trans: TranslationBundle;
}): React.JSX.Element {
  return (
    <div className="jp-EnvMgr-skeleton" role="status">
      <span className="jp-EnvMgr-hidden">{props.trans.__('Loading…')}</span>
      {Array.from({ length: props.lines }, (_, index) => (
        <div key={index} aria-hidden="true" />
      ))}
    </div>
  );
}

/**
 * A button that copies a text and says that it did.
 */
export function CopyButton(props: {
  text: () => string;
  label: string;
  trans: TranslationBundle;
  tabIndex?: number;
}): React.JSX.Element {
  const [isDone, setDone] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <button
      type="button"
      className="jp-EnvMgr-button jp-EnvMgr-link"
      tabIndex={props.tabIndex}
      onClick={() => {
        copyText(props.text());
        setDone(true);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setDone(false), 2000);
      }}
    >
      <span aria-live="polite">
        {isDone ? props.trans.__('Copied') : props.label}
      </span>
    </button>
  );
}

/**
 * Put a text on the clipboard, on pages without https, too.
 */
export function copyText(text: string): void {
  const old = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'jp-EnvMgr-hidden';
  document.body.appendChild(area);
  area.select();
  document.execCommand('copy');
  area.remove();
  if (old instanceof HTMLElement) {
    old.focus({ preventScroll: true });
  }
}
