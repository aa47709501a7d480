/**
 * What the text of the packages was recognised as, and what can be done about its builds.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';

import type { Plan, Recognition, TextChoice } from '../api';
import { Button } from '../components/parts';
import { PlanRemarks } from '../components/plan';
import type { IVoice } from '../text/words';
import type { Fields } from './filling';
import type { FormModel } from './model';

interface IFoundProps {
  model: FormModel;
  voice: IVoice;
}

/**
 * One line: what it is, how much it asks for, and what it has filled in.
 */
export function Found(props: IFoundProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const { draft } = model;
  const { recognised, filled } = model.text;
  if (draft.requirements.trim() === '') {
    return (
      <span>
        {trans.__(
          'One per line, such as torch or transformers>=4.57. Paste or drop a requirements.txt, environment.yml, lock file or pyproject.toml.'
        )}
      </span>
    );
  }
  if (recognised === null) {
    const lines = countOf(draft.requirements);
    return <span>{countWord(lines, voice)}</span>;
  }
  const isPlain =
    recognised.kind === 'requirements' || recognised.kind === 'conda-specs';
  return (
    <span aria-live="polite">
      {isPlain && recognised.channels.length === 0 && recognised.hashed === 0
        ? countWord(recognised.packages.length, voice)
        : sentenceOf(recognised, voice)}
      {filledWord(filled, trans)}
      {Object.keys(filled).length > 0 && (
        <Button kind="link" onClick={() => model.undo()}>
          {trans.__('Undo')}
        </Button>
      )}
      <PlanRemarks plan={unsaid(recognised, model.plan)} trans={trans} />
    </span>
  );
}

/** What is to be said of a text that the plan below the form does not say. */
function unsaid(
  found: Recognition,
  plan: Plan | null
): Pick<Plan, 'warnings' | 'notices'> {
  if (plan === null) {
    return found;
  }
  // A plan warns of the channels that are taken, which may be others than those of the text.
  const notices = found.notices.filter(text => !plan.notices.includes(text));
  return { warnings: [], notices };
}

function countWord(count: number, voice: IVoice): string {
  return voice.trans._n(
    '%2 requirement',
    '%2 requirements',
    count,
    voice.format.count(count)
  );
}

/**
 * What a text is, in one sentence.
 */
export function sentenceOf(found: Recognition, voice: IVoice): string {
  const { trans, format } = voice;
  const what = kindWord(found, trans);
  if (found.manager === null) {
    return trans.__('This is %1.', what);
  }
  const parts = [
    trans._n(
      '%2 package',
      '%2 packages',
      found.packages.length,
      format.count(found.packages.length)
    )
  ];
  if (found.hashed > 0) {
    parts.push(trans.__('their hashes are checked'));
  }
  if (found.pip.length > 0) {
    parts.push(trans.__('%1 for pip', format.count(found.pip.length)));
  }
  if (found.channels.length > 0) {
    parts.push(trans.__('channels %1', found.channels.join(', ')));
  }
  if (found.python !== '') {
    parts.push(trans.__('Python %1', found.python));
  }
  if (found.platform !== '') {
    parts.push(trans.__('made on %1', found.platform));
  }
  return trans.__('This is %1: %2.', what, parts.join(', '));
}

/** The kinds of texts in the reader's language; the server's words for one that is not known. */
function kindWord(found: Recognition, trans: TranslationBundle): string {
  switch (found.kind) {
    case 'environment-yml':
      return trans.__('a conda environment.yml');
    case 'conda-explicit':
      return trans.__('an explicit list of conda packages');
    case 'conda-export':
    case 'conda-list':
    case 'conda-json':
    case 'conda-specs':
      return trans.__('a list of conda packages');
    case 'conda-lock':
    case 'pixi-lock':
      return trans.__('a lock file of conda packages');
    case 'pylock':
      return trans.__('a lock file (pylock.toml)');
    case 'pyproject':
      return trans.__('a pyproject.toml');
    case 'pip-list':
    case 'pip-json':
      return trans.__('a list that pip has printed');
    case 'requirements':
      return trans.__('a list of requirements');
    default:
      return found.what;
  }
}

function filledWord(filled: Fields, trans: TranslationBundle): string {
  const words = [
    filled.manager && trans.__('manager %1', filled.manager),
    filled.name && trans.__('name'),
    filled.channels && trans.__('channels'),
    (filled.condaPython || filled.python) && trans.__('Python')
  ].filter(Boolean);
  return words.length > 0 ? ` ${trans.__('Set: %1.', words.join(', '))} ` : '';
}

/** How many lines of a text ask for something. */
function countOf(text: string): number {
  return text
    .split('\n')
    .filter(line => line.trim() !== '' && !line.trim().startsWith('#')).length;
}

/**
 * What can be done about builds that cannot be had here, as the lines that would change.
 */
export function Builds(props: IFoundProps): React.JSX.Element | null {
  const { model, voice } = props;
  const { trans } = voice;
  const id = useId();
  const choices = differing(model.text.recognised?.choices ?? []);
  const [wish, setWish] = useState('relax');
  const chosen = choices.find(item => item.choice === wish) ?? choices[0];
  if (choices.length < 2) {
    return null;
  }
  const { platform } = model.text.recognised!;
  return (
    <fieldset className="jp-EnvMgr-builds">
      <legend>
        {platform
          ? trans.__('Builds for %1 cannot be had here', platform)
          : trans.__('Some builds cannot be had here')}
      </legend>
      {choices.map(item => (
        <label key={item.choice} className="jp-EnvMgr-check">
          <input
            type="radio"
            name={id}
            checked={item === chosen}
            onChange={() => setWish(item.choice)}
          />
          {choiceWord(item, voice)}
        </label>
      ))}
      {chosen.lines.length > 0 && (
        <>
          <pre
            className="jp-EnvMgr-diff jp-EnvMgr-selectable"
            aria-label={trans.__('The lines that change')}
            // It scrolls, by keyboard too.
            // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
            tabIndex={0}
          >
            {chosen.lines.map(({ before, after, why }) => (
              <React.Fragment key={before}>
                <del title={why}>{`− ${before}`}</del>
                {after !== '' && <ins title={why}>{`+ ${after}`}</ins>}
              </React.Fragment>
            ))}
          </pre>
          <Button onClick={() => model.choose(chosen)}>
            {trans.__('Change the text')}
          </Button>
        </>
      )}
    </fieldset>
  );
}

/** The choices of which each comes to other lines than those before it. */
function differing(choices: readonly TextChoice[]): readonly TextChoice[] {
  const linesOf = ({ lines }: TextChoice) =>
    JSON.stringify(lines.map(({ before, after }) => [before, after]));
  const all = choices.map(linesOf);
  return choices.filter((_, index) => all.indexOf(all[index]) === index);
}

function choiceWord(item: TextChoice, voice: IVoice): string {
  const { trans, format } = voice;
  const count = item.lines.length;
  switch (item.choice) {
    case 'keep':
      return trans.__('Keep the builds as they are');
    case 'relax':
      return trans._n(
        'Relax to the version where a build cannot be had: %2 line',
        'Relax to the version where a build cannot be had: %2 lines',
        count,
        format.count(count)
      );
    default:
      return trans._n(
        'Drop all builds: %2 line',
        'Drop all builds: %2 lines',
        count,
        format.count(count)
      );
  }
}
