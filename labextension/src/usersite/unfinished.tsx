/**
 * The banner of an operation that a crash cut: finish it, or take it back.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { type Problem, problemOf } from '../api';
import { Button } from '../components/parts';
import { Caution } from '../components/plan';
import { ProblemCard } from '../components/problem';

/**
 * The banner.
 */
export function Unfinished(props: {
  what: string;
  recover: (undo: boolean, breakLock: boolean) => Promise<void>;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { what, recover, trans } = props;
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const isLocked = problem?.code === 'locked';
  const attempt = async (undo: boolean) => {
    setBusy(true);
    setProblem(null);
    try {
      await recover(undo, isLocked);
    } catch (error) {
      setProblem(problemOf(error, trans));
    }
    setBusy(false);
  };
  return (
    <div className="jp-EnvMgr-unfinished" role="group">
      <Caution text={trans.__('Not finished: %1.', what)} trans={trans} />
      {problem && (
        <ProblemCard
          problem={problem}
          trans={trans}
          isNew
          onDismiss={() => setProblem(null)}
        />
      )}
      <div className="jp-EnvMgr-actions">
        <Button
          kind="link"
          disabled={isBusy}
          title={trans.__('Do the rest of it')}
          onClick={() => void attempt(false)}
        >
          {isLocked ? trans.__('Take the lock and finish') : trans.__('Finish')}
        </Button>
        <Button
          kind="link"
          disabled={isBusy}
          title={trans.__('Put everything back as it was')}
          onClick={() => void attempt(true)}
        >
          {isLocked
            ? trans.__('Take the lock and take back')
            : trans.__('Take back')}
        </Button>
      </div>
    </div>
  );
}
