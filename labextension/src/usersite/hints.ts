/**
 * The plugin that says, once per kernel session, that an error may come from the user site.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import {
  INotebookTracker,
  type KernelError,
  type Notebook,
  NotebookActions,
  type NotebookPanel
} from '@jupyterlab/notebook';
import { PageConfig, PathExt } from '@jupyterlab/coreutils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { type Client, type ErrorHint, type HintRequest, IClient } from '../api';
import { CommandIDs } from '../commands/ids';
import { voiceOf } from '../text/words';
import { programOf } from './program';

/** Milliseconds that the hint stays; it can be read in JupyterLab's notifications after that. */
const STAYS = 20000;

/**
 * Asks about errors, and shows at most one hint per kernel session.
 */
export class Hints {
  constructor(
    private readonly _ask: (body: HintRequest) => Promise<ErrorHint>
  ) {}

  /** Whether hints are wanted. */
  isOn = true;

  /**
   * What to say about an error of a kernel session; null for most errors.
   *
   * @param session - What tells one session of a kernel from another.
   */
  async about(session: string, body: HintRequest): Promise<ErrorHint | null> {
    if (!this.isOn || this._hinted.has(session) || this._asking.has(session)) {
      return null;
    }
    this._asking.add(session);
    try {
      const hint = await this._ask(body);
      if (!hint.found || !this.isOn) {
        return null;
      }
      this._hinted.add(session);
      return hint;
    } catch {
      // A hint that cannot be had is none; whoever wants to know more opens the page.
      return null;
    } finally {
      this._asking.delete(session);
    }
  }

  private readonly _hinted = new Set<string>();
  private readonly _asking = new Set<string>();
}

type Cell = Notebook['widgets'][number];

export const hintsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_envmgr:hints',
  description: 'Hints at user packages when a cell of a notebook fails.',
  autoStart: true,
  requires: [IClient, INotebookTracker],
  optional: [ITranslator, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    client: Client,
    notebooks: INotebookTracker,
    translator: ITranslator | null,
    settings: ISettingRegistry | null
  ): void => {
    const { trans } = voiceOf(translator ?? nullTranslator);
    const hints = new Hints(body => client.usersite.hint(body));
    const show = (
      hint: ErrorHint,
      panel: NotebookPanel,
      cell: Cell,
      kernel: string
    ) => {
      const what = [hint.distribution, hint.version].filter(Boolean).join(' ');
      Notification.info(
        trans.__('This error passes through ~/.local (%1).', what),
        {
          autoClose: STAYS,
          actions: [
            {
              label: trans.__('Diagnose'),
              callback: () => {
                void app.commands.execute(CommandIDs.diagnose, {
                  kernel,
                  code: programOf(cell, panel.content.widgets),
                  directory: directoryOf(app, panel.context.path),
                  notebook: panel.context.path,
                  hint: hint.sentence
                });
              }
            }
          ]
        }
      );
    };
    NotebookActions.executed.connect(
      (
        _: unknown,
        executed: {
          notebook: Notebook;
          cell: Cell;
          success: boolean;
          error?: KernelError | null;
        }
      ) => {
        const { notebook, cell, error } = executed;
        const panel = notebooks.find(one => one.content === notebook);
        const kernel = panel?.sessionContext.session?.kernel;
        if (!panel || !kernel || !error || !isPython(app, kernel.name)) {
          return;
        }
        // The error and nothing else of the notebook is sent.
        const body = {
          ename: error.errorName,
          evalue: error.errorValue,
          traceback: error.traceback,
          kernel: kernel.name
        };
        void hints
          .about(kernel.id, body)
          .then(hint => hint && show(hint, panel, cell, kernel.name));
      }
    );
    if (settings) {
      app.restored
        .then(() => settings.load('jupyter_envmgr:environments'))
        .then(loaded => {
          const apply = () => {
            hints.isOn = loaded.composite.hintOnErrors !== false;
          };
          apply();
          loaded.changed.connect(apply);
        })
        .catch(() => undefined);
    }
  }
};

/** Where a notebook runs, as the server calls it; empty where that is not known. */
function directoryOf(app: JupyterFrontEnd, path: string): string {
  const root = PageConfig.getOption('serverRoot');
  const local = app.serviceManager.contents.localPath(path);
  return /^[~/]/.test(root) ? PathExt.join(root, PathExt.dirname(local)) : '';
}

function isPython(app: JupyterFrontEnd, name: string): boolean {
  const { specs } = app.serviceManager.kernelspecs;
  return specs?.kernelspecs[name]?.language.toLowerCase() === 'python';
}
