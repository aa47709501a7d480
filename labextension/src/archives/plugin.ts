/**
 * The plugin of archives, and of environments from files of the file browser.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';

import {
  type Archive,
  type Client,
  type Environment,
  IClient,
  problemOf
} from '../api';
import { CommandIDs } from '../commands/ids';
import {
  ARGUMENTS,
  attempt,
  fitsChosen,
  type IEnvironmentTarget,
  targetOf
} from '../environments/commands';
import { IEnvironments } from '../environments/plugin';
import { canOpen } from '../environments/row';
import { environmentsIcon } from '../icons';
import { GO_TO_PATH } from '../jobs/result';
import { chooseArchive } from './choosing';
import { contentsPathOf, directoryOf, downloadFrom, placeOf } from './files';
import { askToImport, askToPack } from './packing';
import { isArchive, isUsable, readText } from './reading';
import { showProblem } from './trouble';
import { uploadArchive } from './uploading';

export const archivesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_envmgr:archives',
  description: 'Packs environments, and makes environments from files.',
  autoStart: true,
  requires: [IClient, IEnvironments],
  optional: [ICommandPalette, IFileBrowserFactory],
  activate: (
    app: JupyterFrontEnd,
    client: Client,
    target: IEnvironmentTarget,
    palette: ICommandPalette | null,
    browsers: IFileBrowserFactory | null
  ): void => {
    const { commands } = app;
    const { model, voice } = target;
    const { trans } = voice;
    const canPack = (environment: Environment) =>
      canOpen(environment) &&
      (environment.kind === 'conda' || environment.kind === 'venv');
    commands.addCommand(CommandIDs.pack, {
      label: args =>
        args.isPalette ? trans.__('Pack Environment…') : trans.__('Pack…'),
      describedBy: ARGUMENTS,
      isVisible: args => fitsChosen(target, args, canPack),
      isEnabled: args => fitsChosen(target, args, canPack),
      execute: async args => {
        const environment = await targetOf(target, args, canPack);
        if (!environment) {
          return;
        }
        const directory = placeOf(app, directoryOf(browsers)) || '~';
        await attempt(target, environment, async () => {
          const job = await askToPack(environment, directory, client, voice);
          if (job) {
            model.jobs.accept(job);
            await commands.execute(CommandIDs.openJob, { job: job.id });
          }
        });
      }
    });

    const importArchive = async (archive: Archive) => {
      const job = await askToImport(archive, client, voice);
      if (job) {
        model.jobs.accept(job);
        await commands.execute(CommandIDs.openJob, { job: job.id });
      }
      return job !== null;
    };
    const importFrom = async (path: string) =>
      importArchive(await client.content.showArchive(path));
    /** Upload an archive and import it; the server removes it once that is done. */
    const importFile = async (file: File) => {
      const upload = await uploadArchive(file, client, voice);
      if (upload === null) {
        return;
      }
      let isTaken = false;
      try {
        isTaken = await importFrom(upload.path);
      } finally {
        if (!isTaken) {
          await client.files.discardUpload(upload.id).catch(() => undefined);
        }
      }
    };
    /** Do something that belongs to no environment yet, and say what goes wrong. */
    const tried = async (title: string, action: () => Promise<void>) => {
      try {
        await action();
      } catch (error) {
        await showProblem(title, problemOf(error, trans), trans);
      }
    };
    commands.addCommand(CommandIDs.importArchive, {
      label: trans.__('Import Archive…'),
      caption: trans.__('Make the environment of an archive'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: {
              type: 'string',
              description: 'The archive on the disk of the server'
            }
          }
        }
      },
      execute: async args =>
        tried(trans.__('The archive cannot be imported'), async () => {
          const chosen =
            typeof args.path === 'string'
              ? { path: args.path, file: null }
              : await chooseArchive(trans);
          if (chosen?.file) {
            await importFile(chosen.file);
          } else if (chosen) {
            await importFrom(chosen.path);
          }
        })
    });

    const ofJob = {
      args: {
        type: 'object',
        required: ['job'],
        properties: {
          job: { type: 'string', description: 'The job that has packed it' }
        }
      }
    };
    commands.addCommand(CommandIDs.downloadArchive, {
      label: trans.__('Download Archive'),
      describedBy: ofJob,
      execute: async args => {
        const job = args.job as string;
        const path = model.jobs.find(job)?.result.path ?? '';
        // What would fail as a download, without a word, fails here.
        await model.jobs.packed.look(job);
        const { baseUrl } = app.serviceManager.serverSettings;
        const address = client.files.addressOfPacked(job, baseUrl);
        downloadFrom(address, PathExt.basename(path));
      }
    });
    commands.addCommand(CommandIDs.showArchive, {
      label: trans.__('Show Archive in File Browser'),
      describedBy: ofJob,
      execute: async args => {
        const { address } = await model.jobs.packed.look(args.job as string);
        const { baseUrl } = app.serviceManager.serverSettings;
        const path = contentsPathOf(address, baseUrl);
        if (path !== null && commands.hasCommand(GO_TO_PATH)) {
          await commands.execute(GO_TO_PATH, { path });
        }
      }
    });

    const createFrom = async (file: Contents.IModel) => {
      let archive: Archive;
      try {
        const text = await readText(app, file, voice);
        const filename = PathExt.basename(file.path);
        await commands.execute(CommandIDs.create, { text, filename });
        return;
      } catch (error) {
        // An archive that somebody has given another name is one all the same.
        archive = await archiveInstead(placeOf(app, file.path), client, error);
      }
      await importArchive(archive);
    };
    if (browsers) {
      const chosenFile = () => {
        const items = [
          ...(browsers.tracker.currentWidget?.selectedItems() ?? [])
        ];
        const [item] = items;
        const isFit =
          items.length === 1 &&
          item.type !== 'directory' &&
          isUsable(item.name) &&
          (!isArchive(item.name) || placeOf(app, item.path) !== '');
        return isFit ? item : null;
      };
      commands.addCommand(CommandIDs.createFromFile, {
        label: trans.__('Create Environment from This File'),
        icon: environmentsIcon,
        describedBy: { args: { type: 'object', properties: {} } },
        isVisible: () => chosenFile() !== null,
        isEnabled: () => chosenFile() !== null,
        execute: async () => {
          const file = chosenFile();
          if (file && isArchive(file.name)) {
            const path = placeOf(app, file.path);
            await commands.execute(CommandIDs.importArchive, { path });
          } else if (file) {
            await tried(
              trans.__('No environment can be made from this file'),
              () => createFrom(file)
            );
          }
        }
      });
    }
    for (const command of [CommandIDs.pack, CommandIDs.importArchive]) {
      palette?.addItem({
        command,
        category: trans.__('Environments'),
        args: { isPalette: true }
      });
    }
  }
};

/** The archive in a file that is no text; what is wrong with the file if it is none either. */
async function archiveInstead(
  place: string,
  client: Client,
  reason: unknown
): Promise<Archive> {
  if (place === '') {
    throw reason;
  }
  try {
    return await client.content.showArchive(place);
  } catch (error) {
    const { code } = problemOf(error);
    throw code === 'not-an-archive' ? reason : error;
  }
}
