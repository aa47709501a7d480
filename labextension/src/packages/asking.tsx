/**
 * The dialog that asks which packages to install.
 */
import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import { type ISignal, Signal } from '@lumino/signaling';
import React, { useEffect, useId, useRef } from 'react';

import type { Environment, ChangeRequest } from '../api';
import { QuestionDialog } from '../components/dialog';
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
  const dialog = new QuestionDialog<ChangeRequest>({
    title: trans.__('Install packages into “%1”', nameOf(environment)),
    body,
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: trans.__('Continue') })
    ],
    focusNodeSelector: 'textarea'
  });
  const look = () => {
    const { install = [], pip = [] } = body.getValue();
    const isEmpty = install.length === 0 && pip.length === 0;
    dialog.reason = isEmpty ? trans.__('Name a package first.') : '';
  };
  look();
  body.changed.connect(look);
  const result = await dialog.launch();
  return result.button.accept ? result.value : null;
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

  /** Emitted when something else was typed. */
  get changed(): ISignal<this, void> {
    return this._changed;
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
            this._changed.emit();
          }}
        />
        {this._isConda && (
          <Area
            label={trans.__('With pip, after those of conda')}
            placeholder=""
            start={this._pip}
            onChange={text => {
              this._pip = text;
              this._changed.emit();
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
  private readonly _changed = new Signal<this, void>(this);
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
        data-missing
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
