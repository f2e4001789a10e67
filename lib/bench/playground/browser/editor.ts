/** The editor of a node's code. Tested by `tests/bench/playground/page_test.ts`. */

/// <reference lib="dom" />

import { autocompletion, completionKeymap, type CompletionSource } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
  syntaxTree,
} from "@codemirror/language";
import { type Diagnostic, forceLinting, linter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { CodePlace } from "../worker/messages.ts";

/** The colors of code, from the page's theme. */
const HIGHLIGHT = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--type-3)" },
  { tag: [tags.string, tags.regexp], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--fail)" },
  { tag: [tags.comment], color: "var(--dim)", fontStyle: "italic" },
  { tag: [tags.typeName, tags.className], color: "var(--type-1)" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--ok)" },
]);

const THEME = EditorView.theme({
  "&": { backgroundColor: "var(--card)", color: "var(--ink)", fontSize: "13.5px", height: "100%" },
  ".cm-scroller": {
    fontFamily: "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
    lineHeight: "1.5",
  },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--soft)", color: "var(--dim)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": {
    backgroundColor: "color-mix(in srgb, var(--soft) 60%, transparent)",
  },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--ok) 30%, transparent)",
  },
  ".cm-tooltip": { backgroundColor: "var(--card)", color: "var(--ink)", border: "1px solid var(--line)" },
  ".cm-completionInfo": { maxWidth: "420px", whiteSpace: "pre-wrap" },
});

/** The editor. */
export class Editor {
  readonly #view: EditorView;
  /** The problem of the last run. It is gone when the text changes. */
  #problems: readonly Diagnostic[] = [];

  constructor(parent: HTMLElement, options: {
    readonly completions: CompletionSource;
    readonly changed: () => void;
  }) {
    const extensions = [
      lineNumbers(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      highlightActiveLine(),
      syntaxHighlighting(HIGHLIGHT),
      javascript({ typescript: true }),
      autocompletion({ override: [options.completions] }),
      linter((view) => [...syntaxProblems(view), ...this.#problems]),
      keymap.of([...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
      EditorView.contentAttributes.of({
        "aria-label": "Code of the node",
        "spellcheck": "false",
        "tabindex": "0",
      }),
      EditorView.updateListener.of(({ docChanged }) => {
        if (!docChanged) return;
        this.#problems = [];
        options.changed();
      }),
      THEME,
    ];
    this.#view = new EditorView({ state: EditorState.create({ extensions }), parent });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  set text(text: string) {
    const { doc } = this.#view.state;
    this.#view.dispatch({ changes: { from: 0, to: doc.length, insert: text }, selection: { anchor: 0 } });
  }

  /** Selects a part of the text, by the positions of its ends, and moves there. */
  select(from: number, to: number): void {
    this.#view.dispatch({
      selection: { anchor: from, head: to },
      effects: EditorView.scrollIntoView(from, { y: "center" }),
    });
  }

  /** The place of the first syntax error, as far as the editor's own parser knows. */
  get syntaxPlace(): CodePlace | undefined {
    const [first] = syntaxProblems(this.#view);
    if (first === undefined) return undefined;
    const { number, from } = this.#view.state.doc.lineAt(first.from);
    return { line: number, column: first.from - from + 1 };
  }

  /** Shows a problem at its place, and moves there. */
  showProblem({ line, column }: CodePlace, message: string): void {
    const { doc } = this.#view.state;
    const at = doc.line(Math.min(Math.max(1, line), doc.lines));
    const from = Math.min(at.to, at.from + Math.max(0, column - 1));
    this.#problems = [{ from, to: Math.max(from, at.to), severity: "error", message }];
    this.#view.dispatch(setDiagnostics(this.#view.state, this.#problems));
    forceLinting(this.#view);
    this.#view.dispatch({ effects: EditorView.scrollIntoView(from, { y: "center" }) });
  }

  clearProblems(): void {
    this.#problems = [];
    this.#view.dispatch(setDiagnostics(this.#view.state, []));
  }
}

/** Returns the first place where the parser cannot continue. Later ones often follow from it. */
function syntaxProblems({ state }: EditorView): Diagnostic[] {
  let first: Diagnostic | undefined;
  syntaxTree(state).iterate({
    enter: ({ type, from, to }) => {
      if (first !== undefined) return false;
      if (type.isError) {
        first = {
          from,
          to: Math.max(to, from),
          severity: "error",
          message: "TypeScript does not continue like this.",
        };
      }
      return first === undefined;
    },
  });
  return first === undefined ? [] : [first];
}
