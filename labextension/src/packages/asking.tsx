/**
 * The dialog that asks which packages to install.
 */
import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import React, { useEffect, useId, useRef } from 'react';

import type { Environment, ChangeRequest } from '../api';
import { type IVoice, nameOf } from '../text/words';

/**
 * Ask what to install. Null if nothing is wanted.
 */
export async function askForPackages(
  environment: Environment,
  voice: IVoice,
  start: ChangeRequest = {}
): Promise<ChangeRequest | null> {
  const { trans } = voice;
  const body = new Lines(voice, environment.manager === 'conda', start);
  const result = await showDialog({
    title: trans.__('Install packages into “%1”', nameOf(environment)),
    body,
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: trans.__('Continue') })
    ],
    focusNodeSelector: 'textarea'
  });
  const value = result.value;
  const isEmpty = !value || (!value.install?.length && !value.pip?.length);
  return result.button.accept && !isEmpty ? value : null;
}

class Lines extends ReactWidget {
  constructor(
    private readonly _voice: IVoice,
    private readonly _isConda: boolean,
    start: ChangeRequest
  ) {
    super();
    this._install = (start.install ?? []).join('\n');
    this._pip = (start.pip ?? []).join('\n');
    this.addClass('jp-EnvMgr-dialog');
  }

  getValue(): ChangeRequest {
    return { install: linesOf(this._install), pip: linesOf(this._pip) };
  }

  protected render(): React.JSX.Element {
    const { trans } = this._voice;
    return (
      <div className="jp-EnvMgr-ask">
        <Area
          label={trans.__('Packages, one per line')}
          placeholder={
            this._isConda
              ? trans.__('such as numpy=2')
              : trans.__('such as numpy>=2')
          }
          start={this._install}
          onChange={text => {
            this._install = text;
          }}
        />
        {this._isConda && (
          <Area
            label={trans.__('With pip, after those of conda')}
            placeholder=""
            start={this._pip}
            onChange={text => {
              this._pip = text;
            }}
          />
        )}
        <p className="jp-EnvMgr-help">
          {trans.__('What would change is shown before anything does.')}
        </p>
      </div>
    );
  }

  private _install: string;
  private _pip: string;
}

function Area(props: {
  label: string;
  placeholder: string;
  start: string;
  onChange: (text: string) => void;
}): React.JSX.Element {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  // The dialog keeps Enter for its buttons; here it begins a new line.
  useEffect(() => {
    const keep = (event: KeyboardEvent) => {
      if (event.key === 'Enter' && event.target === area.current) {
        event.stopPropagation();
      }
    };
    window.addEventListener('keydown', keep, true);
    return () => window.removeEventListener('keydown', keep, true);
  }, []);
  return (
    <>
      <label htmlFor={id}>{props.label}</label>
      <textarea
        ref={area}
        id={id}
        className="jp-mod-styled"
        rows={4}
        spellCheck={false}
        placeholder={props.placeholder}
        defaultValue={props.start}
        onChange={event => props.onChange(event.target.value)}
      />
    </>
  );
}

/** The lines of a text that ask for something. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(Boolean);
}
