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

import { type Client, type Environment, IClient, problemOf } from '../api';
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
import { chooseArchive } from './choosing';
import { contentsPathOf, directoryOf, downloadFile, placeOf } from './files';
import { askToImport, askToPack, isArchive } from './packing';
import { showProblem } from './trouble';

/** The files of text that an environment can be made from, by their names. */
const TEXT = /\.(ya?ml|txt|in|lock|toml)$/i;

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
    /** Archives that were packed from here, where Jupyter can reach them: job and path. */
    const packed = new Map<string, string>();

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
          const job = await askToPack(
            environment,
            directory,
            client,
            voice,
            (path, begun) => {
              const reached = contentsPathOf(path);
              if (reached !== null) {
                packed.set(begun.id, reached);
              }
            }
          );
          if (job) {
            model.jobs.accept(job);
            await commands.execute(CommandIDs.openJob, { job: job.id });
          }
        });
      }
    });

    const importFrom = async (path: string) => {
      const archive = await client.content.showArchive(path);
      const job = await askToImport(archive, client, voice);
      if (job) {
        model.jobs.accept(job);
        await commands.execute(CommandIDs.openJob, { job: job.id });
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
          if (typeof args.path === 'string') {
            return importFrom(args.path);
          }
          const browser = browsers?.tracker.currentWidget;
          const mayUpload = placeOf(app, directoryOf(browsers)) !== '';
          const chosen = await chooseArchive(
            mayUpload && Boolean(browser),
            trans
          );
          if (chosen?.file && browser) {
            const uploaded = await browser.model.upload(chosen.file);
            await importFrom(placeOf(app, uploaded.path));
          } else if (chosen) {
            await importFrom(chosen.path);
          }
        })
    });

    commands.addCommand(CommandIDs.downloadArchive, {
      label: trans.__('Download Archive'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            job: { type: 'string', description: 'The job that has packed it' }
          }
        }
      },
      isVisible: args => packed.has(args.job as string),
      isEnabled: args => packed.has(args.job as string),
      execute: async args => {
        const path = packed.get(args.job as string);
        if (path !== undefined) {
          await downloadFile(app, path);
        }
      }
    });

    if (browsers) {
      const chosenFile = () => {
        const items = [
          ...(browsers.tracker.currentWidget?.selectedItems() ?? [])
        ];
        const [item] = items;
        const isUsable =
          items.length === 1 &&
          item.type !== 'directory' &&
          (TEXT.test(item.name) ||
            (isArchive(item.name) && placeOf(app, item.path) !== ''));
        return isUsable ? item : null;
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
            await tried(trans.__('The file cannot be read'), async () => {
              const read = await app.serviceManager.contents.get(file.path, {
                type: 'file',
                format: 'text',
                content: true
              });
              await commands.execute(CommandIDs.create, {
                text: read.content as string,
                filename: PathExt.basename(file.path)
              });
            });
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
