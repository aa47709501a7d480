/**
 * Opens a terminal with an environment activated.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Terminal } from '@jupyterlab/services';

import type { Environment } from '../api';
import { activationOf } from './activate';

/** Milliseconds that a shell gets to show its prompt before something is typed anyway. */
const PROMPT = 2000;

/**
 * Start a terminal, activate the environment in it, and show it.
 */
export async function openTerminal(
  app: JupyterFrontEnd,
  environment: Environment
): Promise<void> {
  const { terminals } = app.serviceManager;
  const session = await terminals.startNew();
  const line = activationOf(environment);
  if (line) {
    await firstOutput(session);
    session.send({ type: 'stdin', content: [`${line}\r`] });
  }
  const { name } = session;
  await app.commands.execute('terminal:open', { name });
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
