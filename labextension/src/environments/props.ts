/**
 * What every part of the list of environments works with.
 */
import type { CommandRegistry } from '@lumino/commands';

import type { IVoice } from '../text/words';
import type { EnvironmentsModel } from './model';
import type { EnvironmentsView } from './view';

export interface IListProps {
  model: EnvironmentsModel;
  view: EnvironmentsView;
  commands: CommandRegistry;
  voice: IVoice;
  /** Whether terminals can be opened here. */
  hasTerminals: boolean;
}
