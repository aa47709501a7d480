/**
 * The plugin of the section of jobs.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commands/ids';
import { ISidebar } from '../sidebar/panel';
import { hasEnded, voiceOf } from '../text/words';
import { IJobs, type JobsModel } from './model';
import { ActivitySection } from './section';

export const activityPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_envmgr:activity',
  description: 'Adds the section of jobs to the side panel.',
  autoStart: true,
  requires: [IJobs, ISidebar],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    jobs: JobsModel,
    sidebar: ISidebar,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    const voice = voiceOf(translator ?? nullTranslator);
    const { trans } = voice;
    commands.addCommand(CommandIDs.clearJobs, {
      label: trans.__('Clear Activity'),
      caption: trans.__('Forget all that has ended'),
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => jobs.jobs.some(hasEnded),
      execute: () => jobs.clear()
    });
    commands.addCommand(CommandIDs.cancelJob, {
      label: trans.__('Cancel Job'),
      describedBy: {
        args: {
          type: 'object',
          required: ['job'],
          properties: {
            job: { type: 'string', description: 'The id of the job' }
          }
        }
      },
      execute: args => jobs.cancel(args.job as string)
    });
    jobs.changed.connect(() => {
      commands.notifyCommandChanged(CommandIDs.clearJobs);
    });
    palette?.addItem({
      command: CommandIDs.clearJobs,
      category: trans.__('Environments')
    });
    sidebar.addSection(new ActivitySection({ jobs, commands, voice }), {
      rank: 30,
      share: 2
    });
  }
};
