/**
 * How an environment is used elsewhere: lines to copy.
 */
import React from 'react';

import type { Elsewhere } from '../api';
import { CopyButton } from '../components/parts';
import type { IVoice } from '../text/words';

/**
 * The lines.
 */
export function Snippets(props: {
  elsewhere: Elsewhere;
  voice: IVoice;
}): React.JSX.Element {
  const { elsewhere, voice } = props;
  const { trans } = voice;
  return (
    <>
      {elsewhere.remarks.length > 0 && (
        <ul className="jp-EnvMgr-remarkList">
          {elsewhere.remarks.map(remark => (
            <li key={remark}>{remark}</li>
          ))}
        </ul>
      )}
      {elsewhere.snippets.map(snippet => (
        <figure key={snippet.id} className="jp-EnvMgr-snippet">
          <figcaption>
            <span>{withCode(snippet.title)}</span>
            <CopyButton
              text={() => snippet.text}
              label={trans.__('Copy')}
              trans={trans}
            />
          </figcaption>
          <Text text={snippet.text} label={snippet.title} />
          {snippet.note && (
            <p className="jp-EnvMgr-help">{withCode(snippet.note)}</p>
          )}
        </figure>
      ))}
    </>
  );
}

/**
 * A text as it would stand in a file; it scrolls, by keyboard too.
 */
export function Text(props: {
  text: string;
  label: string;
}): React.JSX.Element {
  return (
    <pre
      className="jp-EnvMgr-text jp-EnvMgr-selectable"
      role="region"
      aria-label={props.label}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
    >
      {props.text}
    </pre>
  );
}

/** A sentence with what stands between backticks as code. */
function withCode(text: string): React.ReactNode[] {
  return text
    .split('`')
    .map((piece, index) =>
      index % 2 === 1 ? <code key={index}>{piece}</code> : piece
    );
}
