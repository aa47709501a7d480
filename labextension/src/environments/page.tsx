/**
 * The page of one environment: does it work, what was changed, how it is used elsewhere.
 */
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { PartialJSONObject } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';
import React, { useEffect, useRef } from 'react';

import { Exporting } from '../archives/exporting';
import { Button, PathText, Skeleton } from '../components/parts';
import { ProblemCard } from '../components/problem';
import { environmentsIcon } from '../icons';
import { History } from '../packages/history';
import type { IReading } from '../packages/model';
import { Verified } from '../packages/verified';
import { type IVoice, nameOf } from '../text/words';
import { Snippets } from './elsewhere';
import type { IPageProps, PageModel, PagePart } from './pages';
import { PARTS } from './pages';
import { Caret } from './row';

/**
 * What a tab keeps over a reload.
 */
export interface IKeptPage extends PartialJSONObject {
  id?: string;
  environment?: string;
  open?: string[];
}

/**
 * The tab of the page.
 */
export class EnvironmentPage extends ReactWidget {
  constructor(private readonly _props: IPageProps) {
    super();
    const { model, voice } = _props;
    this.model = model;
    this.addClass('jp-EnvMgr-tab');
    this.node.tabIndex = -1;
    this.title.icon = environmentsIcon;
    this.title.caption = voice.trans.__('Page of an environment');
    model.changed.connect(this._onChanged, this);
    this._onChanged();
  }

  readonly model: PageModel;

  /** Emitted when there is something else to keep. */
  get kept(): ISignal<this, void> {
    return this._kept;
  }

  get state(): IKeptPage {
    const { id, open } = this.model;
    return { id: this.id, environment: id, open: [...open] };
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.model.dispose();
      Signal.clearData(this);
    }
    super.dispose();
  }

  protected render(): React.JSX.Element {
    return (
      <UseSignal signal={this.model.changed}>
        {() => <Content {...this._props} />}
      </UseSignal>
    );
  }

  private _onChanged(): void {
    const { environment, id, open } = this.model;
    this.title.label = environment ? nameOf(environment) : id;
    if (open !== this._open) {
      this._open = open;
      this._kept.emit();
    }
  }

  private _open: ReadonlySet<PagePart> | null = null;
  private readonly _kept = new Signal<this, void>(this);
}

function Content(props: IPageProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const { environment, problem } = model;
  return (
    <div className="jp-EnvMgr-page jp-EnvMgr-environmentPage">
      <h2>{environment ? nameOf(environment) : model.id}</h2>
      {environment && (
        <div className="jp-EnvMgr-where">
          <span>
            {[environment.python && `Python ${environment.python}`]
              .concat(environment.manager ?? environment.kind)
              .filter(Boolean)
              .join(' · ')}
          </span>
          <PathText path={environment.path} />
        </div>
      )}
      {problem && (
        <ProblemCard
          problem={problem}
          trans={trans}
          isNew
          onDismiss={() => model.dismiss()}
        />
      )}
      {PARTS.map(part => (
        <Part key={part} part={part} {...props} />
      ))}
    </div>
  );
}

function Part(props: IPageProps & { part: PagePart }): React.JSX.Element {
  const { part, model, voice } = props;
  const { trans } = voice;
  const isOpen = model.open.has(part);
  const box = useRef<HTMLElement>(null);
  const words = {
    verify: trans.__('Verify'),
    history: trans.__('History'),
    elsewhere: trans.__('Use elsewhere'),
    export: trans.__('Export')
  };
  // A part that is opened by a command may lie out of sight.
  useEffect(() => {
    if (isOpen) {
      box.current?.scrollIntoView?.({ block: 'nearest' });
    }
  }, [isOpen]);
  return (
    <section ref={box} className="jp-EnvMgr-part" aria-label={words[part]}>
      <h3>
        <button
          type="button"
          className="jp-EnvMgr-fold"
          aria-expanded={isOpen}
          onClick={() => model.show(part, !isOpen)}
        >
          <Caret expanded={isOpen} />
          {words[part]}
        </button>
      </h3>
      {isOpen && <Inside {...props} />}
    </section>
  );
}

function Inside(props: IPageProps & { part: PagePart }): React.JSX.Element {
  const { part, model, voice } = props;
  const read = () => void model.read(part);
  switch (part) {
    case 'verify':
      return (
        <Read reading={model.verification} voice={voice} read={read}>
          {value => <Verified {...props} verification={value} />}
        </Read>
      );
    case 'history':
      return (
        <Read reading={model.history} voice={voice} read={read}>
          {value => <History {...props} history={value} />}
        </Read>
      );
    case 'elsewhere':
      return (
        <Read reading={model.elsewhere} voice={voice} read={read}>
          {value => <Snippets elsewhere={value} voice={voice} />}
        </Read>
      );
    default:
      return <Exporting {...props} />;
  }
}

/** What was read, or is being read, or could not be. */
function Read<T>(props: {
  reading: IReading<T>;
  voice: IVoice;
  read: () => void;
  children: (value: T) => React.ReactNode;
}): React.JSX.Element {
  const { reading, voice, read, children } = props;
  const { trans } = voice;
  return (
    <div className="jp-EnvMgr-partBody" aria-busy={reading.isLoading}>
      {reading.problem && (
        <ProblemCard problem={reading.problem} trans={trans}>
          <Button kind="link" onClick={read}>
            {trans.__('Try again')}
          </Button>
        </ProblemCard>
      )}
      {reading.value !== null && children(reading.value)}
      {reading.value === null && !reading.problem && (
        <Skeleton lines={3} trans={trans} />
      )}
    </div>
  );
}
