import { nullTranslator } from '@jupyterlab/translation';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import React from 'react';

import { ProblemError } from '../api';
import { Unfinished } from '../usersite/unfinished';

const trans = nullTranslator.load('jupyter_envmgr');

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

describe('the banner of an operation that was cut', () => {
  it('finishes it, or takes it back', async () => {
    const asked: [boolean, boolean][] = [];
    const recover = (undo: boolean, lock: boolean) => {
      asked.push([undo, lock]);
      return Promise.resolve();
    };
    render(<Unfinished what="the reset" recover={recover} trans={trans} />);
    fireEvent.click(screen.getByText('Finish'));
    await waitFor(() =>
      expect(
        screen.getByText('Take back').getAttribute('aria-disabled')
      ).toBeNull()
    );
    fireEvent.click(screen.getByText('Take back'));
    await waitFor(() =>
      expect(asked).toEqual([
        [false, false],
        [true, false]
      ])
    );
  });

  it('asks before it takes the lock of somebody who is gone', async () => {
    const asked: [boolean, boolean][] = [];
    const recover = (undo: boolean, lock: boolean) => {
      asked.push([undo, lock]);
      return lock ? Promise.resolve() : Promise.reject(locked());
    };
    render(<Unfinished what="the reset" recover={recover} trans={trans} />);
    fireEvent.click(screen.getByText('Finish'));
    fireEvent.click(await screen.findByText('Take the lock and finish'));
    await waitFor(() => expect(asked.at(-1)).toEqual([false, true]));
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  });
});
