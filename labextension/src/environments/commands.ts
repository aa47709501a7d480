/**
 * What can be done with an environment, as commands.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { type ICommandPalette, InputDialog } from '@jupyterlab/apputils';
import {
  closeIcon,
  copyIcon,
  editIcon,
  infoIcon,
  refreshIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { type Client, type Environment, problemOf } from '../api';
import { CommandIDs } from '../commands/ids';
import { copyText } from '../components/parts';
import { type IVoice, nameOf } from '../text/words';
import { groupOf } from './filter';
import { groupKey } from './line';
import type { EnvironmentsModel } from './model';
import { askToRemove } from './remove';
import { retryCreating } from './retry';
import type { EnvironmentsView } from './view';

/** What a command gets: an environment's id, and whether it came from the palette. */
export type Arguments = ReadonlyPartialJSONObject;

/** The schema of the arguments of all commands on one environment. */
export const ARGUMENTS = {
  args: {
    type: 'object',
    properties: {
      environment: {
        type: 'string',
        description: 'The id of the environment; the chosen one if left out'
      }
    }
  }
} as const;

/**
 * What commands on environments work with.
 */
export interface IEnvironmentTarget {
  readonly model: EnvironmentsModel;
  readonly view: EnvironmentsView;
  readonly voice: IVoice;
}

/**
 * The environment that a command is about: the given one, the chosen one, or one to be picked.
 */
export async function targetOf(
  target: IEnvironmentTarget,
  args: Arguments,
  fits: (environment: Environment) => boolean = () => true
): Promise<Environment | null> {
  const { model, view, voice } = target;
  if (typeof args.environment === 'string') {
    return model.get(args.environment);
  }
  const current = chosen(target);
  if (current && args.isPalette !== true) {
    return current;
  }
  if (!model.isReady) {
    await model.refresh();
  }
  const candidates = model.environments.filter(fits);
  const items = candidates.map(e =>
    [nameOf(e), e.python && `Python ${e.python}`, e.managed ? '' : e.path]
      .filter(Boolean)
      .join(' · ')
  );
  const index = candidates.findIndex(e => e.id === view.environment);
  const answer = await InputDialog.getItem({
    title: voice.trans.__('Which environment?'),
    items,
    current: Math.max(0, index)
  });
  const place = answer.value === null ? -1 : items.indexOf(answer.value);
  return answer.button.accept && place >= 0 ? candidates[place] : null;
}

/**
 * The environment that is chosen in the panel.
 */
export function chosen(target: IEnvironmentTarget): Environment | undefined {
  const { model, view } = target;
  return view.environment === null ? undefined : model.find(view.environment);
}

/**
 * Whether a command on one environment makes sense: from the palette always.
 */
export function fitsChosen(
  target: IEnvironmentTarget,
  args: Arguments,
  fits: (environment: Environment) => boolean
): boolean {
  if (args.isPalette === true) {
    return target.model.environments.some(fits) || !target.model.isReady;
  }
  const environment =
    typeof args.environment === 'string'
      ? target.model.find(args.environment)
      : chosen(target);
  return environment !== undefined && fits(environment);
}

/**
 * Do something with an environment; what goes wrong is shown at that environment.
 */
export async function attempt(
  target: IEnvironmentTarget,
  environment: Environment,
  action: () => Promise<void>
): Promise<void> {
  const { model, view, voice } = target;
  model.dismiss(environment.id);
  try {
    await action();
  } catch (error) {
    model.report(environment.id, problemOf(error, voice.trans));
    revealIn(view, environment);
  }
  giveFocusBack(view);
}

/**
 * Lead the keyboard back to the list where nothing else has it: a menu that is put away gives it
 * to nobody, and a dialog that a menu has opened gives it to the menu, which is gone.
 */
export function giveFocusBack(view: EnvironmentsView): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) {
      view.focus('line');
    }
  });
}

/**
 * Open an environment in the list and go there.
 */
export function revealIn(
  view: EnvironmentsView,
  environment: Environment,
  details = false
): void {
  const group = groupOf(environment);
  if (group === 'others') {
    view.showOthers = true;
  }
  if (group !== 'own') {
    view.toggle(groupKey(group), true);
  }
  view.reveal(environment.id, details);
}

/**
 * Add the commands of the list itself.
 */
export function addEnvironmentCommands(
  app: JupyterFrontEnd,
  target: IEnvironmentTarget,
  client: Client,
  palette: ICommandPalette | null
): void {
  const { commands, shell } = app;
  const { model, view, voice } = target;
  const { trans } = voice;
  const onOne = (
    id: string,
    options: Pick<CommandRegistry.ICommandOptions, 'icon'> & {
      /** In the context menu, and in the palette. */
      label: string;
      name: string;
      fits: (environment: Environment) => boolean;
      run: (environment: Environment) => Promise<void> | void;
    }
  ) => {
    commands.addCommand(id, {
      label: args => (args.isPalette ? options.name : options.label),
      icon: args => (args.isPalette ? undefined : options.icon),
      describedBy: ARGUMENTS,
      isVisible: args => fitsChosen(target, args, options.fits),
      isEnabled: args => fitsChosen(target, args, options.fits),
      execute: async args => {
        const environment = await targetOf(target, args, options.fits);
        if (environment) {
          await attempt(target, environment, async () =>
            options.run(environment)
          );
        }
      }
    } as CommandRegistry.ICommandOptions);
  };
  const isOwn = (environment: Environment) => environment.managed;

  onOne(CommandIDs.copyPath, {
    label: trans.__('Copy Path'),
    name: trans.__('Copy Path of Environment…'),
    icon: copyIcon,
    fits: () => true,
    run: environment => copyText(environment.path)
  });
  onOne(CommandIDs.showDetails, {
    label: trans.__('Show Details'),
    name: trans.__('Show Details of Environment…'),
    icon: infoIcon,
    fits: () => true,
    run: environment => {
      shell.activateById(SIDEBAR);
      revealIn(view, environment, true);
    }
  });
  onOne(CommandIDs.rename, {
    label: trans.__('Rename…'),
    name: trans.__('Rename Environment…'),
    icon: editIcon,
    fits: environment => isOwn(environment) && environment.status === 'ready',
    run: environment => rename(target, environment)
  });
  onOne(CommandIDs.retry, {
    label: trans.__('Retry'),
    name: trans.__('Retry Creating Environment…'),
    icon: refreshIcon,
    fits: environment => isOwn(environment) && environment.status === 'failed',
    run: async environment => {
      const { id } = environment;
      await retryCreating(breakLock => model.retry(id, breakLock), voice);
      void model.refresh();
    }
  });
  onOne(CommandIDs.remove, {
    label: trans.__('Remove…'),
    name: trans.__('Remove Environment…'),
    icon: closeIcon,
    fits: isOwn,
    run: async environment => {
      const leave = () => view.focus('line');
      await askToRemove(environment, client, model.jobs, voice, leave);
      leave();
    }
  });
  addPlain(app, target);
  for (const command of [
    CommandIDs.showDetails,
    CommandIDs.rename,
    CommandIDs.retry,
    CommandIDs.remove,
    CommandIDs.copyPath,
    CommandIDs.refresh,
    CommandIDs.focusFilter,
    CommandIDs.toggleOtherPythons
  ]) {
    palette?.addItem({
      command,
      category: trans.__('Environments'),
      args: { isPalette: true }
    });
  }
}

const SIDEBAR = 'jupyter-envmgr-sidebar';

function addPlain(app: JupyterFrontEnd, target: IEnvironmentTarget): void {
  const { commands, shell } = app;
  const { model, view, voice } = target;
  const { trans } = voice;
  const describedBy = { args: { type: 'object', properties: {} } } as const;
  commands.addCommand(CommandIDs.refresh, {
    label: trans.__('Refresh Environments'),
    caption: trans.__('Look again at what is there'),
    icon: refreshIcon,
    describedBy,
    execute: async () => {
      await Promise.all([model.refresh(true), model.jobs.refresh()]);
    }
  });
  commands.addCommand(CommandIDs.focusFilter, {
    label: trans.__('Filter Environments'),
    describedBy,
    execute: () => {
      shell.activateById(SIDEBAR);
      view.focus('filter');
    }
  });
  commands.addCommand(CommandIDs.collapseAll, {
    label: trans.__('Collapse All'),
    describedBy,
    execute: () => view.collapseAll()
  });
  commands.addCommand(CommandIDs.toggleOtherPythons, {
    label: trans.__('Show Other Pythons'),
    caption: trans.__('Bare interpreters that no environment belongs to'),
    describedBy,
    isToggled: () => view.showOthers,
    execute: () => {
      view.showOthers = !view.showOthers;
    }
  });
}

async function rename(
  target: IEnvironmentTarget,
  environment: Environment
): Promise<void> {
  const { trans } = target.voice;
  const answer = await InputDialog.getText({
    title: trans.__('Rename “%1”', environment.name),
    label: trans.__(
      'Display name, in the sidebar and in kernel pickers. The directory keeps its name.'
    ),
    text: environment.display_name || environment.name,
    okLabel: trans.__('Rename'),
    selectionRange: environment.display_name.length
  });
  const name = answer.value?.trim();
  if (answer.button.accept && name && name !== environment.display_name) {
    await target.model.rename(environment.id, name);
  }
  target.view.focus('line');
}
