/**
 * An archive on its way from the person's own computer: in pieces, shown, and given up at will.
 */
import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import { UseSignal } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import React from 'react';

import {
  type Client,
  isAbort,
  type IUpload,
  type Problem,
  ProblemError
} from '../api';
import { ProgressBar } from '../components/parts';
import type { IVoice } from '../text/words';

/** Bytes of one piece: what a server takes, and what a proxy before it usually lets through. */
export const PIECE = 1024 * 1024;

/** Milliseconds before a piece that did not arrive is sent again. */
const PAUSES = [500, 1000, 2000, 5000, 10000];

/** What may pass: nobody answers, or a proxy answers for a server that starts. */
function mayPass(problem: Problem, status: number): boolean {
  return status === 0 || (status >= 500 && problem.kind === 'internal');
}

/**
 * Send a file to a place on the server that is kept for it.
 *
 * What fails on the way is sent again from where it has arrived.
 *
 * @param report - Told how many bytes have arrived.
 * @throws ProblemError - If there is no room for it, or it cannot be sent.
 */
export async function send(
  file: File,
  client: Client,
  signal: AbortSignal,
  report: (received: number) => void,
  sleep: (milliseconds: number) => Promise<void> = wait
): Promise<IUpload> {
  let upload = await client.files.beginUpload(file.name, file.size);
  const { id } = upload;
  let failures = 0;
  try {
    while (upload.received < upload.size) {
      if (signal.aborted) {
        throw new DOMException('given up', 'AbortError');
      }
      const start = upload.received;
      const piece = file.slice(start, start + PIECE);
      try {
        upload = await client.files.addToUpload(id, start, piece, signal);
        failures = upload.received > start ? 0 : failures + 1;
        report(upload.received);
      } catch (error) {
        const isPassing =
          error instanceof ProblemError && mayPass(error.problem, error.status);
        if (!isPassing || failures >= PAUSES.length) {
          throw error;
        }
        await sleep(PAUSES[failures]);
        failures += 1;
      }
      if (failures > PAUSES.length) {
        throw new Error(`no more than ${upload.received} bytes were taken`);
      }
    }
    return upload;
  } catch (error) {
    await client.files.discardUpload(id).catch(() => undefined);
    throw error;
  }
}

/**
 * Upload a file, with a dialog that says how far it is. Null if it was given up.
 */
export async function uploadArchive(
  file: File,
  client: Client,
  voice: IVoice
): Promise<IUpload | null> {
  const { trans } = voice;
  const abort = new AbortController();
  const body = new Uploading(file, voice);
  const dialog = new Dialog({
    title: trans.__('Upload %1', file.name),
    body,
    buttons: [Dialog.cancelButton()]
  });
  dialog.launch().then(
    () => abort.abort(),
    // Taken away before anybody has answered, it rejects.
    () => undefined
  );
  try {
    return await send(file, client, abort.signal, received =>
      body.report(received)
    );
  } catch (error) {
    if (abort.signal.aborted || isAbort(error)) {
      return null;
    }
    throw error;
  } finally {
    dialog.dispose();
  }
}

class Uploading extends ReactWidget {
  constructor(
    private readonly _file: File,
    private readonly _voice: IVoice
  ) {
    super();
    this.addClass('jp-EnvMgr-dialog');
  }

  report(received: number): void {
    this._received = received;
    this._changed.emit();
  }

  protected render(): React.JSX.Element {
    return (
      <UseSignal signal={this._changed}>{() => this._progress()}</UseSignal>
    );
  }

  private _progress(): React.JSX.Element {
    const { trans, format } = this._voice;
    const { size } = this._file;
    const seconds = (Date.now() - this._begun) / 1000;
    const rate = this._received / Math.max(seconds, 0.1);
    const words = [
      wordsOf(this._received, size, this._voice),
      seconds > 1 && trans.__('%1/s', format.bytes(rate)),
      seconds > 3 &&
        rate > 0 &&
        trans.__('%1 left', format.duration((size - this._received) / rate))
    ].filter(Boolean);
    return (
      <div className="jp-EnvMgr-plan">
        <ProgressBar
          fraction={this._received / size}
          label={trans.__('Uploading')}
          text={words[0] || ''}
        />
        <p className="jp-EnvMgr-quiet">{words.join(' · ')}</p>
      </div>
    );
  }

  private _received = 0;
  private readonly _begun = Date.now();
  private readonly _changed = new Signal<this, void>(this);
}

function wordsOf(received: number, size: number, voice: IVoice): string {
  const { trans, format } = voice;
  return trans.__('%1 of %2', format.bytes(received), format.bytes(size));
}

function wait(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
