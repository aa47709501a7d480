/**
 * The plugin that says, once, what of the user site clashes in an image that is not that of last time.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import {
  ITranslator,
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';

import { type Arrival, type Client, IClient } from '../api';
import { CommandIDs } from '../commands/ids';
import { voiceOf } from '../text/words';

/** Characters of a notification that JupyterLab shows. */
const MOST = 140;

export const arrivalPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_envmgr:arrival',
  description: 'Tells what of the user packages clashes in another image.',
  autoStart: true,
  requires: [IClient],
  optional: [ITranslator, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    client: Client,
    translator: ITranslator | null,
    settings: ISettingRegistry | null
  ): void => {
    const { trans } = voiceOf(translator ?? nullTranslator);
    const tell = async () => {
      if (!(await isWanted(settings))) {
        return;
      }
      const arrival = await client.usersite.arrival();
      const message = messageOf(arrival, trans);
      if (message === '') {
        return;
      }
      show(app, arrival, message, trans);
      await client.usersite.told();
    };
    // Whoever cannot be told now is told at the next start; there is nothing else to do about it.
    void app.restored.then(tell).catch(() => undefined);
  }
};

/**
 * What is said to who has arrived on another image; empty where there is nothing to say.
 */
export function messageOf(arrival: Arrival, trans: TranslationBundle): string {
  const { clashes, image, is_other_image: isOther, told } = arrival;
  if (!isOther || told || clashes.length === 0) {
    return '';
  }
  const subjects = [...new Set(clashes.map(text => text.split(': ')[0]))];
  for (let count = subjects.length; count > 0; count -= 1) {
    const rest = count < subjects.length ? ' …' : '';
    const message = trans.__(
      'This is another image than last time (%1). Of ~/.local, this clashes here: %2',
      image,
      subjects.slice(0, count).join(', ') + rest
    );
    if (message.length <= MOST) {
      return message;
    }
  }
  return trans.__(
    'This is another image than last time: user packages clash here.'
  );
}

async function isWanted(settings: ISettingRegistry | null): Promise<boolean> {
  try {
    const loaded = await settings?.load('jupyter_envmgr:environments');
    return loaded?.composite.tellOfOtherImage !== false;
  } catch {
    return true;
  }
}

function show(
  app: JupyterFrontEnd,
  arrival: Arrival,
  message: string,
  trans: TranslationBundle
): void {
  const run = (command: string, args = {}) => {
    void app.commands.execute(command, args);
  };
  Notification.warning(message, {
    autoClose: false,
    actions: [
      {
        label: trans.__('Diagnose'),
        displayType: 'accent',
        callback: () => run(CommandIDs.diagnose)
      },
      {
        label: trans.__('Use a profile for this image'),
        callback: () => run(CommandIDs.useProfile, { name: arrival.profile })
      }
    ]
  });
}
