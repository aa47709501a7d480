/**
 * The dialog in which an archive is chosen: on the server, or on the person's own computer.
 */
import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId } from 'react';

/** An archive that was chosen: a path on the server, or a file to upload first. */
export interface IChosen {
  readonly path: string;
  readonly file: File | null;
}

/**
 * Ask for an archive. Null if none is wanted.
 *
 * @param mayUpload - Whether there is a place to upload to.
 */
export async function chooseArchive(
  mayUpload: boolean,
  trans: TranslationBundle
): Promise<IChosen | null> {
  const result = await showDialog({
    title: trans.__('Import an archive'),
    body: new ChoosingBody(mayUpload, trans),
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: trans.__('Continue') })
    ],
    focusNodeSelector: 'input'
  });
  const chosen = result.value;
  const isEmpty = !chosen || (chosen.path === '' && chosen.file === null);
  return result.button.accept && !isEmpty ? chosen : null;
}

class ChoosingBody extends ReactWidget {
  constructor(
    private readonly _mayUpload: boolean,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-EnvMgr-dialog');
  }

  getValue(): IChosen {
    return { path: this._path.trim(), file: this._file };
  }

  protected render(): React.JSX.Element {
    return (
      <Choosing
        mayUpload={this._mayUpload}
        trans={this._trans}
        onPath={path => {
          this._path = path;
        }}
        onFile={file => {
          this._file = file;
        }}
      />
    );
  }

  private _path = '';
  private _file: File | null = null;
}

function Choosing(props: {
  mayUpload: boolean;
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
        placeholder={trans.__('/path/to/environment.tar.gz')}
        onChange={event => props.onPath(event.target.value)}
      />
      {props.mayUpload && (
        <>
          <label htmlFor={`${id}-file`}>
            {trans.__(
              'Or one on your own computer: it is uploaded to the file browser'
            )}
          </label>
          <input
            id={`${id}-file`}
            type="file"
            accept=".gz,.tgz,.zst,.tzst,.tar"
            onChange={event => props.onFile(event.target.files?.[0] ?? null)}
          />
        </>
      )}
    </div>
  );
}
