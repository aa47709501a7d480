/**
 * The tabs of the user site: the guided page, and the snapshots.
 */
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { PartialJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import { type ISignal, Signal } from '@lumino/signaling';
import React from 'react';

import { environmentsIcon } from '../icons';
import type { IVoice } from '../text/words';
import type { GuideModel } from './guide';
import { GuidePage, type IGuideActions } from './page';
import { Shelf } from './shelf';
import type { IShelfActions } from './snapshots';
import type { SnapshotsModel } from './snapshots';
import { keptOf } from './state';

/**
 * What a tab keeps over a reload.
 */
export interface IKeptTab extends PartialJSONObject {
  id?: string;
  page?: string;
  state?: PartialJSONObject;
}

abstract class UserSiteTab extends ReactWidget {
  constructor() {
    super();
    this.addClass('jp-EnvMgr-tab');
    this.node.tabIndex = -1;
    this.title.icon = environmentsIcon;
  }

  abstract get state(): IKeptTab;

  /** Emitted when there is something else to keep. */
  get kept(): ISignal<this, void> {
    return this._kept;
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    void this.renderPromise?.then(() => {
      const { activeElement } = document;
      const isInside =
        activeElement !== this.node && this.node.contains(activeElement);
      if (this.isVisible && !isInside) {
        this.node.focus();
      }
    });
  }

  protected readonly _kept = new Signal<this, void>(this);
}

/**
 * The guided page.
 */
export class GuideTab extends UserSiteTab {
  constructor(
    readonly model: GuideModel,
    private readonly _services: {
      voice: IVoice;
      editorFactory: CodeEditor.Factory;
      actions: IGuideActions;
    }
  ) {
    super();
    const { trans } = _services.voice;
    this.title.label = trans.__('User packages');
    this.title.caption = trans.__('Diagnose user packages, and set them aside');
    model.changed.connect(this._onChanged, this);
    void model.start();
  }

  get state(): IKeptTab {
    return { id: this.id, page: 'guide', state: keptOf(this.model.state) };
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected render(): React.JSX.Element {
    return <GuidePage model={this.model} {...this._services} />;
  }

  private _onChanged(): void {
    if (this.model.state !== this._last) {
      this._last = this.model.state;
      this._kept.emit();
    }
  }

  private _last: GuideModel['state'] | null = null;
}

/**
 * The page of snapshots.
 */
export class SnapshotsTab extends UserSiteTab {
  constructor(
    readonly model: SnapshotsModel,
    private readonly _services: { voice: IVoice; actions: IShelfActions }
  ) {
    super();
    this.title.label = _services.voice.trans.__('Snapshots');
    void model.refresh();
  }

  get state(): IKeptTab {
    return { id: this.id, page: 'snapshots' };
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.model.refresh();
  }

  protected render(): React.JSX.Element {
    return <Shelf model={this.model} {...this._services} />;
  }
}
