/**
 * The field of requirements: typed, pasted, dropped or read from a file.
 */
import type { CodeEditor } from '@jupyterlab/codeeditor';
import React, { useId, useMemo, useRef, useState } from 'react';

import { Button } from '../components/parts';
import type { IVoice } from '../text/words';
import { LARGEST_FILE, textOfFile } from './draft';
import { RequirementsEditor } from './editor';
import { FieldProblems, Labelled } from './field';
import type { FormModel } from './model';
import { Builds, Found } from './recognised';

/**
 * The field.
 */
export function Requirements(props: {
  model: FormModel;
  voice: IVoice;
  editorFactory: CodeEditor.Factory;
  onSubmit: () => void;
}): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const id = useId();
  const file = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const [fileProblem, setFileProblem] = useState('');
  const found = model.problemsOf('requirements');
  // The same problems stay the same list, so that the editor's marks are set once.
  const signature = JSON.stringify(found);
  const problems = useMemo(() => found, [signature]); // eslint-disable-line react-hooks/exhaustive-deps

  const read = async (chosen: File | undefined) => {
    if (!chosen) {
      return;
    }
    // A file that is far too large is not even read.
    const bytes =
      chosen.size > LARGEST_FILE
        ? new ArrayBuffer(LARGEST_FILE + 1)
        : await chosen.arrayBuffer();
    const { text, problem } = textOfFile(bytes, trans);
    setFileProblem(problem && `${chosen.name}: ${problem}`);
    if (!problem) {
      model.read(text, chosen.name);
    }
  };

  return (
    <Labelled label={trans.__('Packages')} id={`${id}-label`}>
      {/* Dropping is a shortcut; the button below does the same. */}
      <div
        className={`jp-EnvMgr-editorFrame${isOver ? ' jp-mod-over' : ''}${problems.length > 0 ? ' jp-mod-wrong' : ''}`}
        onDragOver={event => {
          if (event.dataTransfer.types.includes('Files')) {
            event.preventDefault();
            setOver(true);
          }
        }}
        onDragLeave={() => setOver(false)}
        onDropCapture={event => {
          setOver(false);
          if (event.dataTransfer.files.length > 0) {
            event.preventDefault();
            event.stopPropagation();
            void read(event.dataTransfer.files[0]);
          }
        }}
      >
        <RequirementsEditor
          factory={props.editorFactory}
          value={model.draft.requirements}
          problems={problems}
          label={trans.__('Packages, one requirement per line')}
          describedBy={`${id}-help ${id}-problem`}
          onChange={requirements => model.set({ requirements })}
          onSubmit={props.onSubmit}
        />
      </div>
      <div id={`${id}-help`} className="jp-EnvMgr-help">
        <Found model={model} voice={voice} />{' '}
        <Button kind="link" onClick={() => file.current?.click()}>
          {trans.__('Choose a file…')}
        </Button>
        <input
          ref={file}
          type="file"
          hidden
          aria-label={trans.__('Requirements file')}
          accept=".txt,.in,.lock,.yml,.yaml,.toml,text/plain"
          onChange={event => {
            void read(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
      </div>
      <Builds model={model} voice={voice} />
      <FieldProblems
        id={`${id}-problem`}
        problems={
          fileProblem
            ? [{ text: fileProblem, line: null }, ...problems]
            : problems
        }
        lineWord={({ line, column }) =>
          column && column > 1
            ? trans.__('Line %1, column %2:', String(line), String(column))
            : trans.__('Line %1:', String(line))
        }
      />
    </Labelled>
  );
}
