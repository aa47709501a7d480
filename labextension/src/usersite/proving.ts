/**
 * The proofs of the page: the one before the cure, and the one after it.
 */
import { type ISignal, Signal } from '@lumino/signaling';
import type { IDisposable } from '@lumino/disposable';

import type { Client, ProbeRequest, Proof } from '../api';
import type { JobsModel } from '../jobs/model';
import { hasEnded } from '../text/words';
import type { Course } from './course';
import { ProofRun } from './proof';
import type { IGuideState } from './state';

/**
 * What was proven before the cure.
 */
export interface IProven {
  readonly proof: Proof;
  /** Whether it was found out just now. */
  readonly isNew: boolean;
}

/**
 * What would be run; null where nothing is given.
 */
export function probeOf(state: IGuideState): ProbeRequest | null {
  const { kind, code, kernel, directory } = state;
  switch (kind) {
    case 'module': {
      const module = state.module.trim();
      return module === '' ? null : { module, kernel };
    }
    case 'script': {
      const script = state.script.trim();
      return isPath(script) ? { script, kernel } : null;
    }
    default:
      return code.trim() === '' ? null : { code, kernel, directory };
  }
}

/**
 * What is given, so that the same is run: for a page that is opened with a proof.
 */
export function givenBy(request: ProbeRequest): Partial<IGuideState> {
  const { code = '', module = '', script = '' } = request;
  const { kernel = '', directory = '' } = request;
  const kind = module ? 'module' : script ? 'script' : 'code';
  return { kind, code, module, script, kernel, directory };
}

/** Whether a text is a path that means the same wherever it is read. */
export function isPath(text: string): boolean {
  return /^(~?\/)[^\0]*[^/\0]$/.test(text);
}

/**
 * Runs the program of the page, and follows what comes of it.
 */
export class Proving implements IDisposable {
  constructor(
    private readonly _course: Course,
    private readonly _client: Client,
    private readonly _jobs: JobsModel
  ) {
    const { proof, again } = _course.state;
    this._first = proof ? this._follow(proof) : null;
    this._again = again ? this._follow(again) : null;
  }

  /** Emitted when the proof before the cure is there: one that was seen to run, or an old one. */
  get proven(): ISignal<this, IProven> {
    return this._proven;
  }

  /** The proof before the cure. */
  get first(): ProofRun | null {
    return this._first;
  }

  /** The proof after the cure. */
  get again(): ProofRun | null {
    return this._again;
  }

  /** Run the program as it is and without the user site, and look for the culprit. */
  async prove(): Promise<void> {
    const body = probeOf(this._course.state);
    if (body === null) {
      return;
    }
    await this._course.attempt('prove', async () => {
      const id = await this._begin(body);
      this._first?.dispose();
      this._first = this._follow(id, true);
      this._course.keep({ proof: id, isUnproven: false });
    });
  }

  /** Run the program once more, after the cure. */
  async proveAgain(): Promise<void> {
    const body = this._first?.proof?.request ?? probeOf(this._course.state);
    if (body === null) {
      return;
    }
    await this._course.attempt('after', async () => {
      const id = await this._begin({ ...body, find_culprits: false });
      this._again?.dispose();
      this._again = this._follow(id);
      this._course.keep({ again: id });
    });
  }

  /** Forget what was run after a cure that was taken back. */
  forgetAgain(): void {
    this._again?.dispose();
    this._again = null;
    this._course.keep({ again: '' });
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._first?.dispose();
    this._again?.dispose();
    Signal.clearData(this);
  }

  private async _begin(body: ProbeRequest): Promise<string> {
    const job = await this._client.usersite.probe(body);
    this._jobs.accept(job);
    return job.id;
  }

  private _follow(id: string, isBegun = false): ProofRun {
    const run = new ProofRun(id, this._client, this._jobs);
    let isNew = isBegun;
    run.changed.connect(() => {
      isNew ||= run.job !== null && !hasEnded(run.job);
      this._course.touch();
    });
    void run.done.then(() => {
      if (run === this._first && run.proof?.complete && !run.isDisposed) {
        this._proven.emit({ proof: run.proof, isNew });
      }
      this._course.touch();
    });
    return run;
  }

  private _first: ProofRun | null;
  private _again: ProofRun | null;
  private _isDisposed = false;
  private readonly _proven = new Signal<this, IProven>(this);
}
