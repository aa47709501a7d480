/**
 * The text of a form as the server reads it: what it is, and what it fills into other fields.
 */
import type { Client, Interpreter, Recognition } from '../api';
import type { Field, IDraft } from './draft';
import { before, changesOf, type Fields, fillingOf } from './filling';

/** What a text may fill in depends on the rest of the form. */
export interface IAroundText {
  readonly draft: IDraft;
  readonly interpreters: readonly Interpreter[];
  /** What somebody has changed by hand. */
  readonly touched: ReadonlySet<Field>;
}

/**
 * What is known of the text, and what it has filled in.
 */
export class Reading {
  constructor(
    private readonly _client: Client,
    filename: string
  ) {
    this._filename = filename;
  }

  /** What the text of the packages is; null while that is not known. */
  get recognised(): Recognition | null {
    return this._recognised;
  }

  /** The name of the file that the text came from; empty if somebody typed it. */
  get filename(): string {
    return this._filename;
  }

  /** What the text has filled in, by field, so that it can be taken back. */
  get filled(): Fields {
    return this._filled;
  }

  /** The text of a file takes the place of what was there. */
  open(filename: string): void {
    this._filename = filename;
    this._read = null;
    this._kept = '';
  }

  /** Somebody has changed these themselves: they are not taken back with the rest. */
  leave(fields: Fields): void {
    const isMine = ([field]: [string, unknown]) => !(field in fields);
    this._filled = Object.fromEntries(
      Object.entries(this._filled).filter(isMine)
    );
    this._before = Object.fromEntries(
      Object.entries(this._before).filter(isMine)
    );
    if ('manager' in fields) {
      this._kept = this._recognised?.kind ?? '';
      // Who chooses the manager that the text is for gets the rest of it too.
      this._read = null;
    }
  }

  /** The text is another one: what it is has to be found out again. */
  forget(): void {
    this._recognised = null;
    this._gone = [];
  }

  /** A solver did not find the builds of some specs: there are choices about them now. */
  lack(specs: readonly string[]): void {
    this._gone = specs;
    this._read = null;
  }

  /**
   * What stood there before the text filled in the form, which stays so for a text of its kind.
   */
  undo(): Fields {
    this._kept = this._recognised?.kind ?? '';
    return this._takeBack();
  }

  /**
   * Ask the server what the text is, if that is not known, and call `put` with what follows from
   * it. Answers whether there is something new to show.
   */
  async recognise(
    around: () => IAroundText,
    put: (fields: Fields) => void,
    signal: AbortSignal
  ): Promise<boolean> {
    const text = around().draft.requirements;
    if (text === this._read) {
      return false;
    }
    if (text.trim() === '') {
      this._filename = '';
      this._read = text;
      put(this._takeBack());
      return false;
    }
    let found: Recognition;
    try {
      const { content } = this._client;
      found = await content.recognise(text, this._filename, this._gone, signal);
    } catch {
      // The plan of the whole form says what is wrong.
      return false;
    }
    if (signal.aborted) {
      return false;
    }
    this._read = text;
    if (found.kind !== this._kept) {
      this._kept = '';
    }
    const { draft, interpreters, touched } = around();
    const filling = fillingOf(
      found,
      draft,
      interpreters,
      this._filled,
      this._kept,
      touched
    );
    const fields = changesOf(filling, draft);
    this._before = { ...before(fields, draft), ...this._before };
    this._filled = { ...this._filled, ...fields };
    if (Object.keys(fields).length > 0) {
      put(fields);
    }
    this._recognised = found;
    return true;
  }

  private _takeBack(): Fields {
    const fields = this._before;
    this._filled = {};
    this._before = {};
    return fields;
  }

  private _recognised: Recognition | null = null;
  private _filename: string;
  private _filled: Fields = {};
  private _before: Fields = {};
  /** The text that was recognised last. */
  private _read: string | null = null;
  /** The kind of text for which somebody took back what it had filled in. */
  private _kept = '';
  private _gone: readonly string[] = [];
}
