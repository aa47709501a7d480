/**
 * The tab in which an environment is made: a form first, then the job.
 */
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { PartialJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import { type ISignal, Signal } from '@lumino/signaling';
import React from 'react';

import type { Client, Environment, Job } from '../api';
import { retryCreating } from '../environments/retry';
import { environmentsIcon } from '../icons';
import type { JobFeed } from '../jobs/feed';
import type { JobsModel } from '../jobs/model';
import { titleOfJob } from '../jobs/title';
import { JobView } from '../jobs/view';
import { hasEnded, type IVoice } from '../text/words';
import { EMPTY, type IDraft, isWorthKeeping, restoredDraft } from './draft';
import { Form } from './form';
import { FormModel } from './model';

/**
 * What a tab keeps over a reload.
 */
export interface IKept extends PartialJSONObject {
  id?: string;
  job?: string;
  draft?: PartialJSONObject;
  /** The name of the file that the text of the draft came from. */
  filename?: string;
}

/**
 * What a tab works with.
 */
export interface ITabServices {
  client: Client;
  jobs: JobsModel;
  voice: IVoice;
  commands: CommandRegistry;
  editorFactory: CodeEditor.Factory;
  environments: () => readonly Environment[];
  /** Whether terminals can be opened here. */
  hasTerminals: boolean;
}

/**
 * The tab.
 */
export class EnvironmentTab extends ReactWidget {
  constructor(
    private readonly _services: ITabServices,
    kept: IKept = {}
  ) {
    super();
    this.addClass('jp-EnvMgr-tab');
    this.node.tabIndex = -1;
    this.title.icon = environmentsIcon;
    this._draft = kept.draft ? restoredDraft(kept.draft) : null;
    _services.jobs.changed.connect(this._onJobs, this);
    if (typeof kept.job === 'string') {
      this._follow(kept.job);
    } else {
      this._fillIn(this._draft ?? EMPTY, kept.filename);
    }
  }

  /** Emitted when there is something else to keep. */
  get kept(): ISignal<this, void> {
    return this._kept;
  }

  /** Emitted when the tab should go. */
  get closed(): ISignal<this, void> {
    return this._closed;
  }

  /** The id of the job that the tab shows, once there is one. */
  get job(): string | null {
    return this._feed?.id ?? null;
  }

  /** What to keep over a reload. */
  get state(): IKept {
    const draft = this._form?.draft ?? this._draft;
    const state: IKept = { id: this.id };
    if (this._feed) {
      state.job = this._feed.id;
    }
    if (draft && isWorthKeeping(draft)) {
      state.draft = { ...draft };
    }
    if (this._form?.text.filename) {
      state.filename = this._form.text.filename;
    }
    return state;
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._services.jobs.changed.disconnect(this._onJobs, this);
    this._form?.dispose();
    this._feed?.dispose();
    Signal.clearData(this);
    super.dispose();
  }

  protected render(): React.JSX.Element {
    const { voice, jobs, commands, hasTerminals } = this._services;
    return (
      <UseSignal signal={this._turned}>
        {() =>
          this._feed ? (
            <JobView
              key={this._feed.id}
              feed={this._feed}
              jobs={jobs}
              commands={commands}
              voice={voice}
              hasTerminals={hasTerminals}
              onEdit={() => this._edit()}
              onRetry={job => this._retry(job)}
            />
          ) : (
            this._form && (
              <Form
                model={this._form}
                voice={voice}
                editorFactory={this._services.editorFactory}
                onCreate={() => void this._create()}
                onCancel={() => this._closed.emit()}
              />
            )
          )
        }
      </UseSignal>
    );
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    // A tab that is just being opened has not drawn its fields yet.
    void this.renderPromise?.then(() => {
      // The node itself has the focus from the panel around it; a field is what is wanted.
      const { activeElement } = document;
      const isInField =
        activeElement !== this.node && this.node.contains(activeElement);
      if (this.isVisible && !isInField) {
        const first = this.node.querySelector<HTMLElement>('input, button');
        // Who presses a button further down must find it where it was.
        (first ?? this.node).focus({ preventScroll: true });
      }
    });
  }

  private _fillIn(draft: IDraft, filename = ''): void {
    const { client, voice, environments } = this._services;
    this._feed?.dispose();
    this._feed = null;
    this._form?.dispose();
    const trans = voice.trans;
    const options = { client, trans, environments, draft, filename };
    this._form = new FormModel(options);
    this._form.changed.connect(() => this._kept.emit());
    this._turn();
  }

  private async _create(): Promise<void> {
    const form = this._form;
    const job = await form?.submit();
    if (form && job) {
      this._services.jobs.accept(job);
      this._draft = form.draft;
      this._follow(job.id);
    }
  }

  private _follow(id: string): void {
    this._form?.dispose();
    this._form = null;
    this._feed?.dispose();
    this._feed = this._services.jobs.follow(id);
    this._turn();
  }

  /** Create again what failed, as it was asked for. */
  private async _retry(job: Job): Promise<void> {
    const { client, jobs, voice } = this._services;
    const again = await retryCreating(
      breakLock => client.retry(job.subject, breakLock),
      voice
    );
    if (again) {
      jobs.accept(again);
      this._follow(again.id);
    }
  }

  /** Back to the form, filled in as it was, or as the environment says it was. */
  private _edit(): void {
    if (this._draft) {
      this._fillIn(this._draft);
    } else {
      const environment = this._job()?.subject;
      void this._services.commands.execute('envmgr:edit-and-retry', {
        environment
      });
    }
  }

  private _job(): Job | undefined {
    const id = this._feed?.id;
    return id === undefined ? undefined : this._services.jobs.find(id);
  }

  private _onJobs(): void {
    this._name();
  }

  private _turn(): void {
    this._name();
    this._turned.emit();
    this._kept.emit();
  }

  private _name(): void {
    const { trans, format } = this._services.voice;
    const job = this._job() ?? this._feed?.job;
    if (!this._feed) {
      this.title.label = trans.__('New environment');
      this.title.caption = '';
    } else if (job) {
      this.title.label = hasEnded(job)
        ? job.subject
        : `${job.subject} ${format.percent(job.progress)}`;
      this.title.caption = titleOfJob(job, trans);
    } else {
      this.title.label = trans.__('Environment');
    }
  }

  private _form: FormModel | null = null;
  private _feed: JobFeed | null = null;
  private _draft: IDraft | null = null;
  private readonly _turned = new Signal<this, void>(this);
  private readonly _kept = new Signal<this, void>(this);
  private readonly _closed = new Signal<this, void>(this);
}
