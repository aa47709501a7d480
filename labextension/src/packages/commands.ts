/**
 * What can be done with the packages of an environment, as commands.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { type ICommandPalette, InputDialog } from '@jupyterlab/apputils';
import {
  addIcon,
  closeIcon,
  type LabIcon,
  refreshIcon
} from '@jupyterlab/ui-components';

import type { Client, Environment, ChangeRequest } from '../api';
import { CommandIDs } from '../commands/ids';
import {
  type Arguments,
  ARGUMENTS,
  attempt,
  fitsChosen,
  giveFocusBack,
  type IEnvironmentTarget,
  targetOf
} from '../environments/commands';
import { canChange } from '../environments/row';
import { askForPackages } from './asking';
import { ALL, changePackages } from './changing';

/** The schema of the arguments of commands on one package. */
const OF_PACKAGE = {
  args: {
    type: 'object',
    properties: {
      ...ARGUMENTS.args.properties,
      package: {
        type: 'string',
        description: 'The name of the package; the chosen one if left out'
      }
    }
  }
} as const;

/**
 * Add the commands.
 */
export function addPackageCommands(
  app: JupyterFrontEnd,
  target: IEnvironmentTarget,
  client: Client,
  palette: ICommandPalette | null
): void {
  const { commands } = app;
  const { model, view, voice } = target;
  const { trans } = voice;
  const change = (environment: Environment, request: ChangeRequest) =>
    attempt(target, environment, async () => {
      const job = await changePackages(environment, request, client, voice);
      if (job) {
        model.jobs.accept(job);
      }
      view.focus('line');
    });
  const add = (
    id: string,
    label: string,
    name: string,
    icon: LabIcon,
    describedBy: typeof ARGUMENTS | typeof OF_PACKAGE,
    run: (environment: Environment, args: Arguments) => Promise<void>
  ) => {
    const isOfOne = describedBy === OF_PACKAGE;
    const fits = (args: Arguments) =>
      fitsChosen(target, args, canChange) &&
      (!isOfOne || args.isPalette === true || packageNamed(args) !== null);
    commands.addCommand(id, {
      label: args => (args.isPalette ? name : label),
      icon: args => (args.isPalette ? undefined : icon),
      describedBy,
      isVisible: fits,
      isEnabled: fits,
      execute: async args => {
        const environment = await targetOf(target, args, canChange);
        if (environment) {
          await run(environment, args);
          giveFocusBack(view);
        }
      }
    });
    palette?.addItem({
      command: id,
      category: trans.__('Environments'),
      args: { isPalette: true }
    });
  };
  const packageNamed = (args: Arguments) =>
    typeof args.package === 'string' ? args.package : view.package;
  /** The package that a command is about: the given one, the chosen one, or one to be picked. */
  const nameFor = async (environment: Environment, args: Arguments) => {
    const named = args.isPalette === true ? null : packageNamed(args);
    if (named !== null) {
      return named;
    }
    const { packages } = await client.packages(environment.id);
    const answer = await InputDialog.getItem({
      title: trans.__('Which package?'),
      items: packages.map(item => item.name)
    });
    return answer.button.accept ? answer.value : null;
  };

  add(
    CommandIDs.installPackages,
    trans.__('Install Packages…'),
    trans.__('Install Packages into Environment…'),
    addIcon,
    ARGUMENTS,
    async environment => {
      const request = await askForPackages(environment, voice);
      if (request) {
        await change(environment, request);
      }
    }
  );
  add(
    CommandIDs.updateAll,
    trans.__('Update All Packages…'),
    trans.__('Update All Packages of Environment…'),
    refreshIcon,
    ARGUMENTS,
    environment => change(environment, { update: [ALL] })
  );
  add(
    CommandIDs.updatePackage,
    trans.__('Update…'),
    trans.__('Update Package of Environment…'),
    refreshIcon,
    OF_PACKAGE,
    async (environment, args) => {
      const name = await nameFor(environment, args);
      if (name !== null) {
        await change(environment, { update: [name] });
      }
    }
  );
  add(
    CommandIDs.uninstallPackage,
    trans.__('Uninstall…'),
    trans.__('Uninstall Package of Environment…'),
    closeIcon,
    OF_PACKAGE,
    async (environment, args) => {
      const name = await nameFor(environment, args);
      if (name !== null) {
        await change(environment, { uninstall: [name] });
      }
    }
  );
}
