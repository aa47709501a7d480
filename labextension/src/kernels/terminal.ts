/**
 * Opens a terminal with an environment activated.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection, type Terminal } from '@jupyterlab/services';

import { type Client, type Environment, ProblemError } from '../api';
import { activationOf } from './activate';

/** Milliseconds that a shell gets to show its prompt before something is typed anyway. */
const PROMPT = 2000;

/**
 * Start a terminal in which the environment is active, and show it.
 */
export async function openTerminal(
  app: JupyterFrontEnd,
  client: Client,
  environment: Environment
): Promise<void> {
  const name =
    (await startActive(app, client, environment)) ??
    (await startAndType(app, environment));
  await app.commands.execute('terminal:open', { name });
}

/**
 * Start a shell that activates the environment before its first prompt; the terminal's name.
 *
 * Null for an environment without activation, or where terminals cannot be given a command.
 */
async function startActive(
  app: JupyterFrontEnd,
  client: Client,
  environment: Environment
): Promise<string | null> {
  const { serverSettings, terminals } = app.serviceManager;
  let argv: readonly string[];
  try {
    ({ argv } = await client.content.terminal(environment.id));
  } catch (error) {
    if (error instanceof ProblemError) {
      return null;
    }
    throw error;
  }
  const url = URLExt.join(serverSettings.baseUrl, 'api/terminals');
  const init = {
    method: 'POST',
    body: JSON.stringify({ shell_command: argv })
  };
  const answer = await ServerConnection.makeRequest(url, init, serverSettings);
  if (!answer.ok) {
    return null;
  }
  const { name } = (await answer.json()) as { name: string };
  await terminals.refreshRunning();
  return name;
}

/** Start a shell and type what activates the environment. */
async function startAndType(
  app: JupyterFrontEnd,
  environment: Environment
): Promise<string> {
  const { terminals } = app.serviceManager;
  const session = await terminals.startNew();
  const line = activationOf(environment);
  if (line) {
    await firstOutput(session);
    session.send({ type: 'stdin', content: [`${line}\r`] });
  }
  return session.name;
}

/** Wait until the shell has said something: what is typed before that would be shown twice. */
function firstOutput(session: Terminal.ITerminalConnection): Promise<void> {
  return new Promise(resolve => {
    const finish = () => {
      clearTimeout(timer);
      session.messageReceived.disconnect(onMessage);
      resolve();
    };
    const onMessage = (
      _: Terminal.ITerminalConnection,
      message: Terminal.IMessage
    ) => {
      if (message.type === 'stdout') {
        finish();
      }
    };
    const timer = setTimeout(finish, PROMPT);
    session.messageReceived.connect(onMessage);
  });
}
