import { Dialog } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { fireEvent, waitFor } from '@testing-library/react';

import type { Client, IForce, Job, Plan } from '../api';
import { ProblemError } from '../api';
import { QuestionDialog } from '../components/dialog';
import { planAndBegin } from '../environments/planned';
import { askToRemove } from '../environments/remove';
import { retryCreating } from '../environments/retry';
import type { JobsModel } from '../jobs/model';
import { Format } from '../text/format';
import type { IVoice } from '../text/words';
import { askToDelete } from '../usersite/deleting';
import { environment, job } from './make';

const voice: IVoice = {
  trans: nullTranslator.load('jupyter_envmgr'),
  format: new Format('en')
};

const PLAN: Plan = {
  operation: '',
  subject: '',
  summary: 'This would happen.',
  steps: [{ action: 'delete', target: '/x', detail: '', package: null }],
  facts: [],
  warnings: [],
  notices: [],
  refusal: '',
  forceable: false,
  bytes: null,
  digest: 'd1'
};

function locked(): ProblemError {
  return new ProblemError({
    code: 'locked',
    kind: 'busy',
    title: 'Somebody else works on it',
    detail: '',
    hint: '',
    context: null,
    errors: []
  });
}

/** The dialog in front, once there is one with these words in it. */
async function dialogWith(words: string): Promise<HTMLElement> {
  return waitFor(() => {
    const [node] = document.querySelectorAll<HTMLElement>('.jp-Dialog');
    expect(node?.textContent).toContain(words);
    return node;
  });
}

function button(dialog: HTMLElement, words: string): HTMLElement {
  const buttons = dialog.querySelectorAll<HTMLElement>('.jp-Dialog-button');
  return [...buttons].find(each => each.textContent === words)!;
}

function press(element: Element, key: string): void {
  fireEvent.keyDown(element, { key, bubbles: true });
}

afterEach(() => {
  Dialog.flush();
});

describe('deleting a snapshot', () => {
  function asking(refuse = 0) {
    const deleted: IForce[] = [];
    const client = {
      usersite: {
        planDelete: () => Promise.resolve(PLAN),
        delete: (_: string, options: IForce): Promise<Job> => {
          deleted.push(options);
          return deleted.length > refuse
            ? Promise.resolve(job())
            : Promise.reject(locked());
        }
      }
    } as unknown as Client;
    return { deleted, answer: askToDelete('old-one', client, voice) };
  }

  it('takes its name, and no key does anything before it is typed', async () => {
    const { deleted, answer } = asking();
    const dialog = await dialogWith('Type its name');
    const accept = button(dialog, 'Delete for good');
    const field = await waitFor(() => dialog.querySelector('input')!);
    expect(accept.getAttribute('aria-disabled')).toBe('true');
    expect(accept.title).toBe('Type old-one first.');
    field.focus();
    press(field, 'Enter');
    fireEvent.click(accept);
    fireEvent.change(field, { target: { value: 'old' } });
    expect(dialog.textContent).not.toContain('not its name');
    fireEvent.change(field, { target: { value: 'other' } });
    expect(dialog.textContent).toContain('That is not its name.');
    press(field, 'Enter');
    expect(document.activeElement).toBe(field);
    fireEvent.change(field, { target: { value: 'old-one ' } });
    expect(accept.getAttribute('aria-disabled')).toBeNull();
    // The key leads to the button: nothing is deleted by one that was pressed too often.
    press(field, 'Enter');
    expect(document.activeElement).toBe(accept);
    expect(deleted).toEqual([]);
    press(accept, 'Enter');
    await answer;
    expect(deleted).toEqual([{ digest: 'd1', breakLock: false }]);
  });

  it('deletes nothing if it is given up', async () => {
    const { deleted, answer } = asking();
    const dialog = await dialogWith('Type its name');
    fireEvent.click(button(dialog, 'Cancel'));
    expect(await answer).toBeNull();
    expect(deleted).toEqual([]);
  });

  it('takes a lock only from who is said to be gone, with the name typed again', async () => {
    const { deleted, answer } = asking(1);
    for (const words of ['Delete for good', 'Take the lock and delete']) {
      const dialog = await waitFor(async () => {
        const node = await dialogWith('Type its name');
        expect(button(node, words)).toBeDefined();
        return node;
      });
      const field = await waitFor(() => dialog.querySelector('input')!);
      fireEvent.change(field, { target: { value: 'old-one' } });
      fireEvent.click(button(dialog, words));
      await waitFor(() => expect(document.contains(dialog)).toBe(false));
    }
    await answer;
    expect(deleted.map(({ breakLock }) => breakLock)).toEqual([false, true]);
  });
});

describe('what is planned and begun', () => {
  function begin(canBreakLock: boolean) {
    const begun: boolean[] = [];
    const answer = planAndBegin({
      title: 'Clone it?',
      button: 'Clone',
      isHarmless: true,
      plan: () => Promise.resolve(PLAN),
      canBreakLock,
      begin: (_, breakLock) => {
        begun.push(breakLock);
        return begun.length > 1
          ? Promise.resolve(job())
          : Promise.reject(locked());
      },
      voice
    });
    return { begun, answer };
  }

  it('takes the lock of who is gone once that was ticked', async () => {
    const { begun, answer } = begin(true);
    fireEvent.click(button(await dialogWith('This would happen.'), 'Clone'));
    const dialog = await dialogWith('Take the lock: its holder is gone');
    const accept = button(dialog, 'Clone');
    expect(accept.getAttribute('aria-disabled')).toBe('true');
    fireEvent.click(accept);
    expect(begun).toEqual([false]);
    fireEvent.click(dialog.querySelector('input')!);
    fireEvent.click(accept);
    await answer;
    expect(begun).toEqual([false, true]);
  });

  it('waits and tries again where no lock can be taken', async () => {
    const { begun, answer } = begin(false);
    fireEvent.click(button(await dialogWith('This would happen.'), 'Clone'));
    const dialog = await dialogWith('Somebody else works on it');
    expect(dialog.querySelector('input')).toBeNull();
    fireEvent.click(button(dialog, 'Clone'));
    await answer;
    expect(begun).toEqual([false, false]);
  });
});

describe('retrying what has failed', () => {
  it('goes on at once where nobody has the lock, and asks where somebody has', async () => {
    const begun: boolean[] = [];
    const begin = (breakLock: boolean) => {
      begun.push(breakLock);
      return breakLock || begun.length === 1
        ? Promise.resolve(job())
        : Promise.reject(locked());
    };
    expect(await retryCreating(begin, voice)).not.toBeNull();
    const answer = retryCreating(begin, voice);
    const dialog = await dialogWith('Somebody else works on it');
    fireEvent.click(button(dialog, 'Retry'));
    expect(begun).toEqual([false, false]);
    fireEvent.click(dialog.querySelector('input')!);
    fireEvent.click(button(dialog, 'Retry'));
    await answer;
    expect(begun).toEqual([false, false, true]);
  });
});

describe('removing an environment', () => {
  it('asks again where the job has found a lock', async () => {
    const removed: IForce[] = [];
    const client = {
      planRemove: () => Promise.resolve(PLAN),
      remove: (_: string, options: IForce) => {
        removed.push(options);
        return Promise.resolve(job());
      }
    } as unknown as Client;
    const jobs = {
      untilEnded: () =>
        removed.length > 1 ? Promise.resolve(null) : Promise.reject(locked())
    } as unknown as JobsModel;
    let count = 0;
    const answer = askToRemove(environment(), client, jobs, voice, () => {
      count += 1;
    });
    fireEvent.click(button(await dialogWith('This would happen.'), 'Remove'));
    const dialog = await dialogWith('Take the lock: its holder is gone');
    fireEvent.click(dialog.querySelector('input')!);
    fireEvent.click(button(dialog, 'Remove'));
    await answer;
    expect(removed.map(({ breakLock }) => breakLock)).toEqual([false, true]);
    expect(count).toBe(2);
  });
});

describe('QuestionDialog', () => {
  it('does not give up by Enter in a field, though giving up is usual', async () => {
    const body = document.createElement('input');
    const { Widget } = await import('@lumino/widgets');
    const dialog = new QuestionDialog<unknown>({
      body: new Widget({ node: body }),
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: 'Do it' })],
      defaultButton: 0
    });
    const answer = dialog.launch();
    await waitFor(() => expect(document.contains(body)).toBe(true));
    body.focus();
    press(body, 'Enter');
    const accept = button(dialog.node, 'Do it');
    expect(document.activeElement).toBe(accept);
    press(accept, 'Enter');
    expect((await answer).button.accept).toBe(true);
  });
});
