/**
 * The guided page: from what was found to what came of it, from top to bottom.
 */
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { UseSignal } from '@jupyterlab/ui-components';
import React, { useEffect, useId, useRef } from 'react';

import { ProblemCard } from '../components/problem';
import type { IVoice } from '../text/words';
import { After, type IAfterActions } from './after';
import type { IFixActions } from './fix';
import { CarryOut } from './carry';
import { ChooseCure } from './cure';
import { Found } from './found';
import { type Step, STEPS } from './course';
import type { GuideModel } from './guide';
import { Prove } from './prove';
import { countsOf } from './severity';
import { Unfinished } from './unfinished';

/**
 * What the page can ask of the application.
 */
export type IGuideActions = IAfterActions & IFixActions;

export interface IPageProps {
  model: GuideModel;
  voice: IVoice;
  editorFactory: CodeEditor.Factory;
  actions: IGuideActions;
}

/**
 * The page.
 */
export function GuidePage(props: IPageProps): React.JSX.Element {
  return (
    <UseSignal signal={props.model.changed}>
      {() => <Content {...props} />}
    </UseSignal>
  );
}

function Content(props: IPageProps): React.JSX.Element {
  const { model, voice, editorFactory, actions } = props;
  const { trans } = voice;
  const { state } = model;
  const { diagnosis, scan } = model.sight;
  const base = diagnosis?.base ?? scan?.base ?? '~/.local';
  const proof = model.proving.first?.proof;
  const notes: Partial<Record<Step, string>> = {
    found: diagnosis ? countsOf(diagnosis, voice) : '',
    prove: proof?.complete ? '' : state.isUnproven ? trans.__('skipped') : ''
  };
  const titles: Record<Step, string> = {
    found: trans.__('Found'),
    prove: trans.__('Prove'),
    cure: trans.__('Choose a cure'),
    'carry-out': trans.__('Carry it out'),
    after: trans.__('Afterwards')
  };
  const last = STEPS.filter(step => model.isOpen(step)).at(-1) ?? 'found';
  const problem = model.problemOf('found');
  const proving = model.problemOf('prove');
  return (
    <div className="jp-EnvMgr-page jp-EnvMgr-guide">
      <h2>
        {diagnosis?.image
          ? trans.__('User packages in this image (%1)', diagnosis.image)
          : trans.__('User packages in this image')}
      </h2>
      <p className="jp-EnvMgr-quiet jp-EnvMgr-selectable">
        {[
          base,
          scan && !scan.exists ? trans.__('does not exist') : '',
          model.choosing.python
            ? trans.__('Python %1', model.choosing.python)
            : ''
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <div className="jp-EnvMgr-hidden" role="status">
        {trans.__(
          'Step %1 of %2: %3',
          STEPS.indexOf(last) + 1,
          STEPS.length,
          titles[last]
        )}
      </div>
      {scan?.unfinished && (
        <Unfinished
          what={voice.format.times(scan.unfinished)}
          recover={(undo, lock) => model.recover(undo, lock)}
          trans={trans}
        />
      )}
      {STEPS.map((step, index) => (
        <Section
          key={step}
          number={index + 1}
          title={titles[step]}
          note={notes[step] ?? ''}
          isOpen={model.isOpen(step)}
          // What was found is read first, however long it is.
          isNext={step === last && step !== 'prove'}
        >
          {step === 'found' && (
            <>
              {problem && (
                <ProblemCard
                  problem={problem}
                  trans={trans}
                  isNew
                  onDismiss={() => model.dismiss('found')}
                />
              )}
              <Found model={model} voice={voice} actions={actions} />
            </>
          )}
          {step === 'prove' && (
            <>
              <Prove
                model={model}
                voice={voice}
                actions={actions}
                editorFactory={editorFactory}
              />
              {proving && (
                <ProblemCard
                  problem={proving}
                  trans={trans}
                  isNew
                  onDismiss={() => model.dismiss('prove')}
                />
              )}
            </>
          )}
          {step === 'cure' && <ChooseCure model={model} voice={voice} />}
          {step === 'carry-out' && <CarryOut model={model} voice={voice} />}
          {step === 'after' && (
            <After model={model} voice={voice} actions={actions} />
          )}
        </Section>
      ))}
    </div>
  );
}

/** A step: its heading always, its content once it is its turn. */
function Section(props: {
  number: number;
  title: string;
  note: string;
  isOpen: boolean;
  isNext: boolean;
  children: React.ReactNode;
}): React.JSX.Element {
  const { number, title, note, isOpen, isNext, children } = props;
  const id = useId();
  const section = useRef<HTMLElement>(null);
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    if (isOpen && !wasOpen.current && isNext) {
      // What has just unfolded comes into sight; what is being written keeps the focus.
      section.current?.scrollIntoView?.({ block: 'nearest' });
    }
    wasOpen.current = isOpen;
  }, [isOpen, isNext]);
  return (
    <section
      ref={section}
      className={isOpen ? 'jp-EnvMgr-step' : 'jp-EnvMgr-step jp-mod-ahead'}
      aria-labelledby={id}
    >
      <h3 id={id}>
        <span className="jp-EnvMgr-stepNumber">{number}</span>
        {title}
        {note && <span className="jp-EnvMgr-quiet">{note}</span>}
      </h3>
      {isOpen && <div className="jp-EnvMgr-stepBody">{children}</div>}
    </section>
  );
}
