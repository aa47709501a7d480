/**
 * What is run to prove something: a program that is written here, a module, or a file.
 */
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { PageConfig, PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId } from 'react';

import { RequirementsEditor } from '../create/editor';
import type { GuideModel } from './guide';
import { isPath } from './proving';
import type { IGuideState } from './state';

const KINDS = ['code', 'module', 'script'] as const;
const NO_MARKS: readonly never[] = [];

interface IGivenProps {
  model: GuideModel;
  trans: TranslationBundle;
  editorFactory: CodeEditor.Factory;
  isFixed: boolean;
  /** The id of what describes the fields. */
  describedBy: string;
  onRun: () => void;
}

/**
 * The choice, and the field that goes with it.
 */
export function Given(props: IGivenProps): React.JSX.Element {
  const { model, trans, isFixed } = props;
  const id = useId();
  return (
    <>
      <div
        className="jp-EnvMgr-radios"
        role="radiogroup"
        aria-label={trans.__('What to run')}
      >
        {KINDS.map(kind => (
          <label key={kind}>
            <input
              type="radio"
              name={id}
              checked={model.state.kind === kind}
              disabled={isFixed}
              onChange={() => model.set({ kind })}
            />
            {kindWord(kind, trans)}
          </label>
        ))}
      </div>
      <Field {...props} />
    </>
  );
}

/** Why nothing can be run with what is given; empty if it can. */
export function whyNothingToRun(
  state: IGuideState,
  trans: TranslationBundle
): string {
  switch (state.kind) {
    case 'module':
      return state.module.trim() ? '' : trans.__('Name a module first');
    case 'script':
      return isPath(state.script.trim())
        ? ''
        : trans.__('Name a file by its whole path first');
    default:
      return state.code.trim() ? '' : trans.__('Write a program first');
  }
}

function kindWord(kind: IGuideState['kind'], trans: TranslationBundle): string {
  switch (kind) {
    case 'module':
      return trans.__('Import a module');
    case 'script':
      return trans.__('A script');
    default:
      return trans.__('A program');
  }
}

function Field(props: IGivenProps): React.JSX.Element {
  const { model, trans, describedBy, onRun } = props;
  const { kind, code, module, script } = model.state;
  switch (kind) {
    case 'module':
      return (
        <Line
          {...props}
          value={module}
          label={trans.__('Module')}
          placeholder={trans.__('such as pandas')}
          onChange={text => model.set({ module: text })}
        />
      );
    case 'script':
      return <ScriptField {...props} script={script} />;
    default:
      return (
        <div className="jp-EnvMgr-editorFrame jp-EnvMgr-program">
          <RequirementsEditor
            factory={props.editorFactory}
            value={code}
            problems={NO_MARKS}
            label={trans.__('Program')}
            describedBy={describedBy}
            mimeType="text/x-python"
            onChange={text => model.set({ code: text })}
            onSubmit={onRun}
          />
        </div>
      );
  }
}

function ScriptField(
  props: IGivenProps & { script: string }
): React.JSX.Element {
  const { model, trans, script } = props;
  const id = useId();
  const isWrong = script.trim() !== '' && !isPath(script.trim());
  const root = PageConfig.getOption('serverRoot');
  return (
    <Line
      {...props}
      describedBy={`${id} ${props.describedBy}`}
      value={script}
      label={trans.__('Path of the script')}
      placeholder={trans.__(
        'such as %1',
        PathExt.join(root || '/', 'train.py')
      )}
      isWrong={isWrong}
      onChange={text => model.set({ script: text })}
    >
      {isWrong ? (
        <div id={id} className="jp-EnvMgr-fieldProblem" role="alert">
          {trans.__('The whole path, from / or from ~/ on.')}
        </div>
      ) : (
        <div id={id} className="jp-EnvMgr-help">
          {trans.__(
            'A .py file on the server; it runs in its own directory. In the file browser, Copy Path gives the part after %1.',
            root || '/'
          )}
        </div>
      )}
    </Line>
  );
}

function Line(
  props: IGivenProps & {
    value: string;
    label: string;
    placeholder: string;
    isWrong?: boolean;
    onChange: (text: string) => void;
    children?: React.ReactNode;
  }
): React.JSX.Element {
  return (
    <div className="jp-EnvMgr-control">
      <input
        className="jp-mod-styled"
        type="text"
        spellCheck={false}
        autoComplete="off"
        aria-label={props.label}
        aria-describedby={props.describedBy}
        aria-invalid={props.isWrong || undefined}
        placeholder={props.placeholder}
        value={props.value}
        disabled={props.isFixed}
        onChange={event => props.onChange(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            props.onRun();
          }
        }}
      />
      {props.children}
    </div>
  );
}
