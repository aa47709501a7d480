/**
 * An environment as a file: a text in one of several formats, or an archive with all in it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';

import { Button, CopyButton, Skeleton } from '../components/parts';
import { Caution } from '../components/plan';
import { ProblemCard } from '../components/problem';
import { Text } from '../environments/elsewhere';
import type { IPageProps } from '../environments/pages';

/** The formats of each kind of environment; the first is the usual one. */
const OF_CONDA = [
  'environment-yml',
  'environment-yml-no-builds',
  'environment-yml-history',
  'explicit',
  'pixi-lock'
] as const;
const OF_PIP = ['requirements', 'requirements-asked', 'pylock'] as const;

/** The formats that a text can be exported in. */
export type Format = (typeof OF_CONDA)[number] | (typeof OF_PIP)[number];

/**
 * The formats that an environment can be exported in.
 */
export function formatsOf(kind: string): readonly Format[] {
  return kind === 'conda' ? OF_CONDA : OF_PIP;
}

/**
 * What a format is called.
 */
export function formatWord(format: Format, trans: TranslationBundle): string {
  switch (format) {
    case 'environment-yml':
      return trans.__('environment.yml, exact builds');
    case 'environment-yml-no-builds':
      return trans.__('environment.yml without builds, for other platforms');
    case 'environment-yml-history':
      return trans.__('environment.yml, only what was asked for');
    case 'explicit':
      return trans.__('Explicit list: the very same packages');
    case 'pixi-lock':
      return trans.__('pixi.lock: the very same packages, pip’s too');
    case 'requirements':
      return trans.__('requirements.txt, exact versions');
    case 'pylock':
      return trans.__('pylock.toml: the very same files, by their hashes');
    default:
      return trans.__('requirements.txt, only what was asked for');
  }
}

/**
 * The part of the page.
 */
export function Exporting(props: IPageProps): React.JSX.Element {
  const { model, voice, actions } = props;
  const { trans } = voice;
  const id = useId();
  const [saved, setSaved] = useState('');
  const formats = formatsOf(model.environment?.kind ?? '');
  const { value, problem } = model.exported;
  const { save } = actions;
  return (
    <div className="jp-EnvMgr-partBody">
      <div className="jp-EnvMgr-guideRow jp-EnvMgr-control">
        <label htmlFor={id}>{trans.__('Format')}</label>
        <select
          id={id}
          className="jp-mod-styled"
          value={model.format || formats[0]}
          onChange={event => {
            setSaved('');
            model.choose(event.target.value);
          }}
        >
          {formats.map(format => (
            <option key={format} value={format}>
              {formatWord(format, trans)}
            </option>
          ))}
        </select>
      </div>
      {problem && <ProblemCard problem={problem} trans={trans} isNew />}
      {value === null && !problem && (
        <>
          {model.format === 'pylock' && (
            <p>{trans.__('The package index is asked for hashes…')}</p>
          )}
          <Skeleton lines={3} trans={trans} />
        </>
      )}
      {value && !problem && (
        <>
          {value.notices.map(notice => (
            <Caution key={notice} text={notice} trans={trans} />
          ))}
          <Text text={value.text} label={value.filename} />
          <div className="jp-EnvMgr-actions">
            <Button
              kind="accept"
              onClick={() => actions.download(value.filename, value.text)}
            >
              {trans.__('Download %1', value.filename)}
            </Button>
            {save && (
              <Button
                onClick={() =>
                  void model.attempt(async () => {
                    setSaved(await save(value.filename, value.text));
                  })
                }
              >
                {trans.__('Save in the file browser')}
              </Button>
            )}
            <CopyButton
              text={() => value.text}
              label={trans.__('Copy')}
              trans={trans}
            />
            <span role="status">
              {saved && trans.__('Saved as %1.', saved)}
            </span>
          </div>
        </>
      )}
      <p>
        {trans.__(
          'An archive holds the packages themselves: it needs no network where it is imported.'
        )}{' '}
        <Button kind="link" onClick={() => void model.attempt(actions.pack)}>
          {trans.__('Pack…')}
        </Button>
      </p>
    </div>
  );
}
