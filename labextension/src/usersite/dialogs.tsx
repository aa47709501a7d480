/**
 * The dialogs about snapshots: each shows the plan, and asks anew where things have changed.
 */
import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';

import {
  type Client,
  type Job,
  type Plan,
  type Problem,
  ProblemError,
  type RestoreRequest,
  type Snapshot
} from '../api';
import { PlanView } from '../components/plan';
import { askAboutPlan } from '../environments/remove';
import type { IVoice } from '../text/words';

/**
 * Show the plan of a restore; start it if the person wants it. Null if it is not wanted.
 *
 * Where packages are in the way, what is offered is to set those aside first.
 */
export async function askToRestore(
  name: string,
  packages: readonly string[],
  client: Client,
  voice: IVoice
): Promise<Job | null> {
  const { trans, format } = voice;
  return askUntilDone(
    {
      title: trans.__('Restore “%1”?', name),
      button: body => (body.swap ? trans.__('Swap') : trans.__('Restore')),
      force: trans.__('Restore it all the same'),
      plan: async () => {
        const [plan, body] = await planRestore(name, packages, client);
        return [{ ...plan, summary: format.times(plan.summary) }, body];
      },
      carryOut: (body, consent) => client.usersite.restore(name, body, consent)
    },
    trans
  );
}

/**
 * Start a restore at once where nothing is in its way; else show the plan, and ask.
 */
export async function restoreNow(
  name: string,
  client: Client,
  voice: IVoice
): Promise<Job | null> {
  const [plan, body] = await planRestore(name, [], client);
  if (plan.refusal === '' && !body.swap) {
    try {
      return await client.usersite.restore(name, body, { digest: plan.digest });
    } catch (error) {
      problemToShow(error);
    }
  }
  return askToRestore(name, [], client, voice);
}

/**
 * The plan of a restore, and the request that goes with it: a swap where nothing less will do.
 */
export async function planRestore(
  name: string,
  packages: readonly string[],
  client: Client
): Promise<[Plan, RestoreRequest]> {
  const plain: RestoreRequest = { packages, swap: false };
  const plan = await client.usersite.planRestore(name, plain);
  if (plan.refusal === '') {
    return [plan, plain];
  }
  const swap: RestoreRequest = { packages, swap: true };
  const swapped = await client.usersite.planRestore(name, swap);
  return swapped.refusal === '' ? [swapped, swap] : [plan, plain];
}

/**
 * Show the plan of adopting a backup; do it if the person wants it. Null if it is not wanted.
 */
export async function askToAdopt(
  path: string,
  client: Client,
  trans: TranslationBundle
): Promise<Snapshot | null> {
  return askUntilDone(
    {
      title: trans.__('Make a snapshot of this backup?'),
      button: () => trans.__('Adopt'),
      force: trans.__('Adopt it all the same'),
      plan: async () => [await client.usersite.planAdopt(path), null],
      carryOut: (_, consent) => client.usersite.adopt(path, '', consent)
    },
    trans
  );
}

/** A change that can be taken back: in words, as a plan with its request, and done. */
interface IChange<Request, Done> {
  title: string;
  button: (request: Request) => string;
  force: string;
  plan: () => Promise<[Plan, Request]>;
  carryOut: (
    request: Request,
    consent: { digest: string; breakLock: boolean }
  ) => Promise<Done>;
}

/** Show the plan and do it, anew where the world has changed; null if it is not wanted. */
async function askUntilDone<Request, Done>(
  change: IChange<Request, Done>,
  trans: TranslationBundle
): Promise<Done | null> {
  let problem: Problem | null = null;
  for (;;) {
    const [plan, request] = await change.plan();
    const answer = await askAboutPlan({
      title: change.title,
      button: change.button(request),
      force: change.force,
      breakLock: trans.__('Take the lock: its holder is gone for good'),
      plan,
      problem,
      isHarmless: true,
      trans
    });
    if (!answer.isAccepted) {
      return null;
    }
    try {
      return await change.carryOut(request, {
        digest: plan.digest,
        breakLock: answer.isForced && problem?.code === 'locked'
      });
    } catch (error) {
      problem = problemToShow(error);
    }
  }
}

/**
 * Show the plan of deleting a snapshot; start it once its name was typed. Null if it was not.
 */
export async function askToDelete(
  name: string,
  client: Client,
  trans: TranslationBundle
): Promise<Job | null> {
  let problem: Problem | null = null;
  let wasWrong = false;
  for (;;) {
    const plan = await client.usersite.planDelete(name);
    const body: TypedBody = new TypedBody({
      name,
      plan,
      problem,
      wasWrong,
      trans
    });
    const isLocked = problem?.code === 'locked';
    const result: Dialog.IResult<string> = await showDialog({
      title: trans.__('Delete “%1” for good?', name),
      body,
      buttons: plan.refusal
        ? [Dialog.cancelButton({ label: trans.__('Close') })]
        : [
            Dialog.cancelButton(),
            Dialog.warnButton({
              label: isLocked
                ? trans.__('Take the lock and delete')
                : trans.__('Delete for good')
            })
          ],
      defaultButton: 0,
      focusNodeSelector: 'input'
    });
    if (!result.button.accept) {
      return null;
    }
    wasWrong = result.value !== name;
    if (wasWrong) {
      continue;
    }
    try {
      return await client.usersite.delete(name, {
        digest: plan.digest,
        breakLock: isLocked
      });
    } catch (error) {
      problem = problemToShow(error);
    }
  }
}

interface ITyped {
  name: string;
  plan: Plan;
  problem: Problem | null;
  wasWrong: boolean;
  trans: TranslationBundle;
}

class TypedBody extends ReactWidget {
  constructor(private readonly _props: ITyped) {
    super();
    this.addClass('jp-EnvMgr-dialog');
  }

  getValue(): string {
    return this._typed;
  }

  protected render(): React.JSX.Element {
    const { plan, problem, trans } = this._props;
    return (
      <>
        <PlanView plan={plan} problem={problem} trans={trans} />
        {!plan.refusal && (
          <Typed
            {...this._props}
            onChange={text => {
              this._typed = text.trim();
            }}
          />
        )}
      </>
    );
  }

  private _typed = '';
}

function Typed(
  props: ITyped & { onChange: (text: string) => void }
): React.JSX.Element {
  const { name, wasWrong, trans, onChange } = props;
  const [text, setText] = useState('');
  const id = useId();
  return (
    <div className="jp-EnvMgr-control">
      <label htmlFor={id}>
        {trans.__('It cannot come back after this. Type its name, %1:', name)}
      </label>
      <input
        id={id}
        type="text"
        className="jp-mod-styled"
        spellCheck={false}
        autoComplete="off"
        value={text}
        aria-invalid={wasWrong || undefined}
        onChange={event => {
          setText(event.target.value);
          onChange(event.target.value);
        }}
      />
      {wasWrong && (
        <div className="jp-EnvMgr-fieldProblem" role="alert">
          {trans.__('That was not its name: nothing was deleted.')}
        </div>
      )}
    </div>
  );
}

/** The problem to show beside a new plan; what no new plan can help is thrown. */
function problemToShow(error: unknown): Problem {
  if (
    error instanceof ProblemError &&
    (error.problem.kind === 'conflict' || error.problem.kind === 'busy')
  ) {
    return error.problem;
  }
  throw error;
}
