/**
 * What the pages of the user site ask of the application: dialogs, files, other tabs.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog, Notification } from '@jupyterlab/apputils';

import type { Client } from '../api';
import { CommandIDs } from '../commands/ids';
import { EMPTY } from '../create/draft';
import type { JobsModel } from '../jobs/model';
import type { IVoice } from '../text/words';
import { askToDelete } from './deleting';
import { askToAdopt, askToRestore, restoreNow } from './dialogs';
import type { GuideModel } from './guide';
import { askToInstall, askToUnregister } from './mending';
import type { IGuideActions } from './page';
import type { IShelfActions } from './snapshots';
import type { SnapshotsModel } from './snapshots';

const OPEN = 'docmanager:open';
const RUN_ALL = 'notebook:restart-run-all';

interface IServices {
  app: JupyterFrontEnd;
  client: Client;
  jobs: JobsModel;
  voice: IVoice;
}

/**
 * What the guided page can ask for.
 */
export function guideActions(
  services: IServices,
  model: GuideModel,
  close: () => void
): IGuideActions {
  const { app, client, jobs, voice } = services;
  const { commands } = app;
  return {
    createWith: requirements => {
      const draft = { ...EMPTY, requirements };
      void commands.execute(CommandIDs.openTab, { draft });
    },
    unregister: kernel =>
      void model.act(async () => {
        if (await askToUnregister(kernel, client, voice)) {
          await app.serviceManager.kernelspecs.refreshSpecs();
        }
      }),
    install: (packages, python) =>
      void model.act(async () => {
        const job = await askToInstall(packages, python, client, voice);
        if (job) {
          await jobs.untilEnded(job);
        }
      }),
    restore: snapshot =>
      void model.restore(() => restoreNow(snapshot, client, voice)),
    close,
    runNotebook: commands.hasCommand(RUN_ALL)
      ? path => {
          void commands
            .execute(OPEN, { path })
            .then(() => commands.execute(RUN_ALL));
        }
      : null
  };
}

/**
 * What the page of snapshots can ask for.
 */
export function shelfActions(
  services: IServices,
  model: SnapshotsModel
): IShelfActions {
  const { client, voice } = services;
  const { trans } = voice;
  return {
    restore: (name, packages) =>
      model.attempt(async () =>
        model.accept(await askToRestore(name, packages, client, voice))
      ),
    remove: name =>
      model.attempt(async () =>
        model.accept(await askToDelete(name, client, voice))
      ),
    rename: snapshot =>
      model.attempt(async () => {
        const { value } = await InputDialog.getText({
          title: trans.__('Rename the snapshot'),
          label: trans.__('Letters, digits, dots and hyphens.'),
          text: snapshot.name
        });
        const name = value?.trim();
        if (name && name !== snapshot.name) {
          await model.rename(snapshot.name, name);
        }
      }),
    exportRequirements: name =>
      model.attempt(async () => {
        const { text } = await client.usersite.requirements(name);
        download(`requirements-${name}.txt`, text);
      }),
    adopt: path =>
      model.attempt(async () => {
        const snapshot = await askToAdopt(path, client, voice);
        if (snapshot) {
          Notification.success(trans.__('Adopted as %1', snapshot.name), {
            autoClose: 5000
          });
        }
      })
  };
}

/** Have the browser save a text as a file. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.appendChild(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
