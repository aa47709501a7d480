/**
 * The editor of requirements: JupyterLab's own, with marks on lines that cannot be used.
 */
import { RangeSetBuilder, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';
import { CodeEditor } from '@jupyterlab/codeeditor';
import React, { useEffect, useRef } from 'react';

import type { IFieldProblem } from './problems';

interface IEditorProps {
  factory: CodeEditor.Factory;
  value: string;
  problems: readonly IFieldProblem[];
  label: string;
  describedBy: string;
  /** What it is a text of; plain requirements, if nothing else is said. */
  mimeType?: string;
  onChange: (text: string) => void;
  onSubmit: () => void;
}

const setMarks = StateEffect.define<readonly IFieldProblem[]>();

const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (old, transaction) => {
    let marked = old.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(setMarks)) {
        marked = marked.size === 0 ? marked : Decoration.none;
        const builder = new RangeSetBuilder<Decoration>();
        const { doc } = transaction.state;
        const problems = effect.value
          .filter(p => p.line !== null && p.line >= 1 && p.line <= doc.lines)
          .sort(
            (a, b) => a.line! - b.line! || (a.column ?? 0) - (b.column ?? 0)
          );
        let last = 0;
        for (const problem of problems) {
          const line = doc.line(problem.line!);
          const attributes = { title: problem.text };
          if (problem.line !== last) {
            builder.add(
              line.from,
              line.from,
              Decoration.line({
                class: 'jp-EnvMgr-wrongLine',
                attributes: { ...attributes, 'aria-invalid': 'true' }
              })
            );
            last = problem.line!;
            const place = line.from + Math.max(0, (problem.column ?? 1) - 1);
            const from = place < line.to ? place : line.from;
            if (from < line.to) {
              const wrong = { class: 'jp-EnvMgr-wrongPlace', attributes };
              builder.add(from, line.to, Decoration.mark(wrong));
            }
          }
        }
        marked = builder.finish();
      }
    }
    return marked;
  },
  provide: field => EditorView.decorations.from(field)
});

/**
 * The editor. Its text is taken from `value` when it begins, and where others change it.
 */
export function RequirementsEditor(props: IEditorProps): React.JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<CodeEditor.IEditor | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  const { factory } = props;
  useEffect(() => {
    if (!host.current) {
      return;
    }
    const {
      value,
      label,
      describedBy,
      mimeType = 'text/x-envmgr-plain'
    } = latest.current;
    const model = new CodeEditor.Model({ mimeType });
    model.sharedModel.setSource(value);
    const made = factory({
      host: host.current,
      model,
      config: {
        lineNumbers: true,
        lineWrap: true,
        codeFolding: false,
        scrollPastEnd: false,
        autoClosingBrackets: false,
        matchBrackets: false
      }
    });
    made.injectExtension([
      marks,
      EditorView.contentAttributes.of({
        'aria-label': label,
        'aria-describedby': describedBy
      }),
      EditorView.domEventHandlers({
        keydown: event => {
          const isSubmit =
            event.key === 'Enter' && (event.ctrlKey || event.metaKey);
          if (isSubmit) {
            event.preventDefault();
            latest.current.onSubmit();
          }
          return isSubmit;
        }
      })
    ]);
    model.sharedModel.changed.connect(() => {
      latest.current.onChange(model.sharedModel.getSource());
    });
    editor.current = made;
    return () => {
      editor.current = null;
      made.dispose();
      model.dispose();
    };
  }, [factory]);

  const { value, problems } = props;
  useEffect(() => {
    const model = editor.current?.model.sharedModel;
    if (model && model.getSource() !== value) {
      model.setSource(value);
    }
  }, [value]);
  useEffect(() => {
    const view = (editor.current as { editor?: EditorView } | null)?.editor;
    view?.dispatch({ effects: setMarks.of(problems) });
  }, [problems]);

  return <div ref={host} className="jp-EnvMgr-editor" />;
}
