/**
 * What helps against many findings at once, before each of them is read.
 */
import React from 'react';

import type { Finding, Fix } from '../api';
import type { IVoice } from '../text/words';
import { FixButton, type IFixActions } from './fix';
import type { GuideModel } from './guide';

/** Findings that a fix has to help against, to be worth a line above them all. */
const FEW = 3;

/** How many such fixes are shown. */
const MOST = 3;

/**
 * The fixes that several findings have in common, the one that helps most first.
 */
export function sharedFixes(
  findings: readonly Finding[]
): readonly (readonly [Fix, number])[] {
  const found = new Map<string, [Fix, number]>();
  for (const { fix, severity } of findings) {
    if (fix && severity !== 'note') {
      const { remedy, packages, python, kernel, command } = fix;
      const key = JSON.stringify([remedy, packages, python, kernel, command]);
      const known = found.get(key);
      found.set(key, [fix, (known?.[1] ?? 0) + 1]);
    }
  }
  return [...found.values()]
    .filter(([, count]) => count >= FEW)
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST);
}

/**
 * The fixes; nothing where no finding shares its own with others.
 */
export function SharedFixes(props: {
  findings: readonly Finding[];
  model: GuideModel;
  voice: IVoice;
  actions: IFixActions;
}): React.JSX.Element | null {
  const { trans, format } = props.voice;
  const shared = sharedFixes(props.findings);
  if (shared.length === 0) {
    return null;
  }
  return (
    <ul className="jp-EnvMgr-shared" aria-label={trans.__('What helps most')}>
      {shared.map(([fix, count]) => (
        <li key={fix.label}>
          <span>
            {trans.__('Helps against %1 of these:', format.count(count))}
          </span>
          <FixButton {...props} fix={fix} />
        </li>
      ))}
    </ul>
  );
}
