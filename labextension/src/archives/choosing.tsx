/**
 * The dialog in which an archive is chosen: on the server, or on the person's own computer.
 */
import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';
import React, { useId } from 'react';

import { QuestionDialog } from '../components/dialog';

/** An archive that was chosen: a path on the server, or a file to upload first. */
export interface IChosen {
  readonly path: string;
  readonly file: File | null;
}

/**
 * Ask for an archive. Null if none is wanted.
 */
export async function chooseArchive(
  trans: TranslationBundle
): Promise<IChosen | null> {
  const body = new ChoosingBody(trans);
  const dialog = new QuestionDialog<IChosen>({
    title: trans.__('Import an archive'),
    body,
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: trans.__('Continue') })
    ],
    focusNodeSelector: 'input'
  });
  const look = () => {
    const { path, file } = body.getValue();
    dialog.reason =
      path === '' && file === null
        ? trans.__('Name a file, or choose one, first.')
        : '';
  };
  look();
  body.changed.connect(look);
  const result = await dialog.launch();
  return result.button.accept ? result.value : null;
}

class ChoosingBody extends ReactWidget {
  constructor(private readonly _trans: TranslationBundle) {
    super();
    this.addClass('jp-EnvMgr-dialog');
  }

  /** Emitted when something else was chosen. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  getValue(): IChosen {
    return { path: this._path.trim(), file: this._file };
  }

  protected render(): React.JSX.Element {
    return (
      <Choosing
        trans={this._trans}
        onPath={path => {
          this._path = path;
          this._changed.emit();
        }}
        onFile={file => {
          this._file = file;
          this._changed.emit();
        }}
      />
    );
  }

  private _path = '';
  private _file: File | null = null;
  private readonly _changed = new Signal<this, void>(this);
}

function Choosing(props: {
  trans: TranslationBundle;
  onPath: (path: string) => void;
  onFile: (file: File | null) => void;
}): React.JSX.Element {
  const { trans } = props;
  const id = useId();
  return (
    <div className="jp-EnvMgr-ask">
      <label htmlFor={`${id}-path`}>{trans.__('A file on this machine')}</label>
      <input
        id={`${id}-path`}
        className="jp-mod-styled"
        type="text"
        spellCheck={false}
        autoComplete="off"
        data-missing
        placeholder={trans.__('/path/to/environment.tar.gz')}
        onChange={event => props.onPath(event.target.value)}
      />
      <label htmlFor={`${id}-file`}>
        {trans.__('Or one on your own computer: it is uploaded first')}
      </label>
      <input
        id={`${id}-file`}
        type="file"
        accept=".gz,.tgz,.zst,.tzst,.tar"
        onChange={event => props.onFile(event.target.files?.[0] ?? null)}
      />
    </div>
  );
}
