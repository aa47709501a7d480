/**
 * What went wrong with something that has no place of its own on the page yet.
 */
import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { type Problem } from '../api';
import { QuestionDialog } from '../components/dialog';
import { ProblemCard } from '../components/problem';

/**
 * Show a problem until it is put away.
 */
export async function showProblem(
  title: string,
  problem: Problem,
  trans: TranslationBundle
): Promise<void> {
  const body = ReactWidget.create(
    <ProblemCard problem={problem} trans={trans} isNew />
  );
  body.addClass('jp-EnvMgr-dialog');
  const close = Dialog.cancelButton({ label: trans.__('Close') });
  await new QuestionDialog({ title, body, buttons: [close] }).launch();
}
