/**
 * Kernels, notebooks, consoles and terminals of environments, as commands.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { type ICommandPalette, InputDialog } from '@jupyterlab/apputils';
import {
  consoleIcon,
  kernelIcon,
  notebookIcon,
  terminalIcon
} from '@jupyterlab/ui-components';

import type { Client, Environment } from '../api';
import { CommandIDs } from '../commands/ids';
import {
  ARGUMENTS,
  attempt,
  fitsChosen,
  type IEnvironmentTarget,
  targetOf
} from '../environments/commands';
import { askAboutPlan } from '../components/question';
import { canOpen } from '../environments/row';
import { nameOf } from '../text/words';
import { openTerminal } from './terminal';

/**
 * What the commands work with.
 */
export interface IKernelServices {
  app: JupyterFrontEnd;
  client: Client;
  target: IEnvironmentTarget;
  /** Whether a person wants to be asked before a kernel is registered. */
  mustAsk: () => boolean;
}

/**
 * Add the commands.
 */
export function addKernelCommands(
  services: IKernelServices,
  palette: ICommandPalette | null
): void {
  const { app, target } = services;
  const { commands, serviceManager } = app;
  const { trans } = target.voice;
  const add = (
    id: string,
    label: string,
    name: string,
    icon: typeof notebookIcon | undefined,
    fits: (environment: Environment) => boolean,
    run: (environment: Environment) => Promise<void>
  ) => {
    commands.addCommand(id, {
      label: args => (args.isPalette ? name : label),
      icon: args => (args.isPalette ? undefined : icon),
      describedBy: ARGUMENTS,
      isVisible: args => fitsChosen(target, args, fits),
      isEnabled: args => fitsChosen(target, args, fits),
      execute: async args => {
        const environment = await targetOf(target, args, fits);
        if (environment) {
          await attempt(target, environment, () => run(environment));
        }
      }
    });
    palette?.addItem({
      command: id,
      category: trans.__('Environments'),
      args: { isPalette: true }
    });
  };

  add(
    CommandIDs.openNotebook,
    trans.__('Open Notebook'),
    trans.__('Open Notebook with Environment…'),
    notebookIcon,
    canOpen,
    async environment => {
      const kernelName = await kernelOf(services, environment);
      if (kernelName !== null) {
        await commands.execute('notebook:create-new', {
          kernelName,
          activate: true
        });
      }
    }
  );
  add(
    CommandIDs.openConsole,
    trans.__('Open Console'),
    trans.__('Open Console with Environment…'),
    consoleIcon,
    environment =>
      canOpen(environment) && commands.hasCommand('console:create'),
    async environment => {
      const name = await kernelOf(services, environment);
      if (name !== null) {
        await commands.execute('console:create', {
          kernelPreference: { name },
          activate: true
        });
      }
    }
  );
  add(
    CommandIDs.openTerminal,
    trans.__('Open Terminal'),
    trans.__('Open Terminal with Environment…'),
    terminalIcon,
    environment =>
      canOpen(environment) &&
      serviceManager.terminals.isAvailable() &&
      commands.hasCommand('terminal:open'),
    environment => openTerminal(app, services.client, environment)
  );
  add(
    CommandIDs.registerKernel,
    trans.__('Register Kernel…'),
    trans.__('Register Kernel of Environment…'),
    kernelIcon,
    environment => canOpen(environment) && environment.kernels.length === 0,
    async environment => {
      await registerKernel(services, environment);
    }
  );
  add(
    CommandIDs.unregisterKernel,
    trans.__('Unregister Kernel…'),
    trans.__('Unregister Kernel of Environment…'),
    undefined,
    environment => environment.kernels.some(kernel => kernel.managed),
    environment => unregisterKernel(services, environment)
  );
}

/**
 * The kernel to start for an environment; registers one where there is none.
 *
 * Null if the person does not want that.
 */
async function kernelOf(
  services: IKernelServices,
  environment: Environment
): Promise<string | null> {
  // The list may be older than the kernel.
  const { client, app } = services;
  const now = await client.environment(environment.id);
  const kernel = now.kernels.find(item => item.managed) ?? now.kernels[0];
  const name = kernel?.name ?? (await registerKernel(services, environment));
  if (name !== null) {
    const { kernelspecs } = app.serviceManager;
    await kernelspecs.ready;
    if (!kernelspecs.specs?.kernelspecs[name]) {
      await kernelspecs.refreshSpecs();
    }
  }
  return name;
}

async function registerKernel(
  services: IKernelServices,
  environment: Environment
): Promise<string | null> {
  const { app, client, target } = services;
  const { trans } = target.voice;
  const body = { environment: environment.id };
  if (services.mustAsk() && !environment.managed) {
    const plan = await client.planRegister(body);
    const answer = await askAboutPlan({
      title: trans.__('Register a kernel for “%1”?', nameOf(environment)),
      button: trans.__('Register'),
      force: trans.__('Replace it'),
      plan,
      problem: null,
      isHarmless: true,
      voice: target.voice
    });
    if (!answer.isAccepted) {
      return null;
    }
  }
  const kernel = await client.register(body);
  await Promise.all([
    app.serviceManager.kernelspecs.refreshSpecs(),
    target.model.refresh()
  ]);
  return kernel.name;
}

async function unregisterKernel(
  services: IKernelServices,
  environment: Environment
): Promise<void> {
  const { app, client, target } = services;
  const { trans } = target.voice;
  const kernels = environment.kernels.filter(kernel => kernel.managed);
  let [chosen] = kernels;
  if (kernels.length > 1) {
    const items = kernels.map(
      kernel => `${kernel.display_name} (${kernel.name})`
    );
    const answer = await InputDialog.getItem({
      title: trans.__('Which kernel?'),
      items
    });
    if (!answer.button.accept || answer.value === null) {
      return;
    }
    chosen = kernels[items.indexOf(answer.value)];
  }
  const plan = await client.planUnregister(chosen.name);
  const answer = await askAboutPlan({
    title: trans.__('Unregister “%1”?', chosen.display_name),
    button: trans.__('Unregister'),
    force: trans.__('Unregister it although it is in use'),
    plan,
    problem: null,
    voice: target.voice
  });
  if (answer.isAccepted) {
    await client.unregister(chosen.name, {
      digest: plan.digest,
      force: answer.isForced
    });
    await Promise.all([
      app.serviceManager.kernelspecs.refreshSpecs(),
      target.model.refresh()
    ]);
  }
}
