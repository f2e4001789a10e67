/** Thirteen patterns of prose that must be read twice, each with the rule for its rewrite. */

/** One pattern. It applies to comments, string literals and documents. */
export interface ProsePattern {
  readonly id: string;
  readonly name: string;
  /** The regular expressions that find it. Each has the flag `g`. */
  readonly find: readonly RegExp[];
  /** The rule for the rewrite. */
  readonly rule: string;
  /** A sentence that the pattern catches. */
  readonly bad: string;
  /** A similar sentence that it does not catch. */
  readonly good: string;
}

const THINGS =
  "(?:messages?|bytes|characters|lines?|nodes?|values?|operations|rounds|files?|seeds?|entries|times|calls|requests|replies|samples|keys|once|one|KB|MB|ms)";
const UNITS =
  "(?:operation|round|second|minute|turn|node|key|line|seed|message|file|run|workload|command|change|tick|test|value|peer|pixel column)";

/** The patterns. */
export const PROSE_PATTERNS: readonly ProsePattern[] = [
  {
    id: "P1",
    name: "private metaphor",
    find: [
      /\b(?:loyalty|disloyal|forsworn|patience|blames?|greets?|takes? office|into office)\b/gi,
      /\b(?:former|dead|earlier|previous|later|next) (?:life|lives)\b/gi,
    ],
    rule: "use the term of .github/GLOSSARY.md; a machine has no feelings and no office",
    bad: "ids of a former life come back",
    good: "the lifetime of the store",
  },
  {
    id: "P2",
    name: "doc comment that is a question",
    find: [/(?<=^\/\*\*[\s*]*)(?:What|Whether|How|Who|Whoever|Whatever|Whose|Where|When|Why|Which)\b/g],
    rule: 'begin with a noun phrase, "True if …", or a verb in the third person: "Returns …"',
    bad: "/** How many peers it knows. */",
    good: "/** The number of known peers. */",
  },
  {
    id: "P3",
    name: "sentence without its verb in place",
    find: [/(?<=^\/\*\*[\s*]*|[.:;] )Of (?:a|an|the|one|two|several|many|each|all|these|those|such)\b/g],
    rule: "subject, verb, object: begin with the subject",
    bad: "/** Of one case all that is known. */",
    good: "/** All known facts of one case. */",
  },
  {
    id: "P4",
    name: "pronoun for a machine",
    find: [/\b(?:whoever|whomever|somebody|someone|nobody|no one|anybody|anyone|him|himself)\b/gi],
    rule: "name the thing: the peer, the client, the sender",
    bad: "Whoever is silent is probed.",
    good: "A silent peer is probed.",
  },
  {
    id: "P5",
    name: '"so many … that", or "a" for "per"',
    find: [
      /\bso (?:many|much|long|few|often) (?:\w+ ){0,6}(?:that|as)\b/gi,
      /\bso many (?:rounds|times|steps|nodes|seeds|bytes)\b/gi,
      new RegExp(`\\b${THINGS} an? ${UNITS}\\b(?! (?:that|which|of))`, "g"),
    ],
    rule: 'write "the number of …", "long enough that" or "per"',
    bad: "It costs three messages an operation.",
    good: "It costs three messages per operation.",
  },
  {
    id: "P6",
    name: '"stands", "lies", "beside" for existence and order',
    find: [
      /\bstands? (?:in|at|on|there|here|below|above|behind|before|beside|after|around|alone)\b/gi,
      /\b(?:lies|lie) (?:in|at|on|before|behind|between|above|below|there|here)\b/gi,
      /\b(?:beside|in front of)\b/gi,
    ],
    rule: 'write "is", "appears", "next to", "besides", "before" or "after"',
    bad: "The name stands before its value.",
    good: "A withstanding node, besides the name.",
  },
  {
    id: "P7",
    name: "stacked relative clauses",
    find: [
      /(?:\b(?:which|who|whose|whom|of which|to which)\b[^.;:?!`"]*){3,}/g,
      /(?:\bthat\b[^.;:?!`"]*){4,}/g,
    ],
    rule: "one fact per sentence: split the sentence at every second relative pronoun",
    bad: "A node which has a peer which leads a group whose log is one which ends",
    good: "A node that has a peer that leads a group.",
  },
  {
    id: "P8",
    name: '"news", or "acknowledges of"',
    find: [/\bnews\b/gi, /\backnowledge[sd]? of\b/gi, /\bsays? that it is (?:there|here)\b/gi],
    rule: 'write "updates", and plain verbs',
    bad: "It waits for news.",
    good: "It waits for updates, and newspapers.",
  },
  {
    id: "P9",
    name: "passive without an agent",
    find: [
      /\b(?:is|are|was|were|be|been) (?:said|told(?! from| apart)|handed on|made good|taken for|given up on|come by)\b/gi,
    ],
    rule: "use the active voice with its agent",
    bad: "The peer is told the vector.",
    good: "The node sends the vector to the peer.",
  },
  {
    id: "P10",
    name: '"is no" as negation',
    find: [
      /(?<!\b(?:there|nor|neither|here) )\b(?:is|are|was|were|be|been) no(?! (?:longer|more|less|fewer|other|later|earlier|larger|smaller|greater|better|worse|older|newer|slower|faster|cheaper|lower|higher|shorter|wider|narrower|longer)\b)\b(?=[ \n])(?! (?:-|one\b))/gi,
    ],
    rule: 'write "is not a", or an adjective: "is malformed"',
    bad: "The line is no message.",
    good: "There is no message, and the node is no longer read.",
  },
  {
    id: "P11",
    name: "aphorism",
    find: [
      /\b(?:as one likes|goes without saying|for its own sake|is one's own|if all is well|haste would)\b/gi,
      /\b(?:is|are) to (?:be|have|notice|hold|stay|know|learn)\b/gi,
    ],
    rule: "state the condition, then its consequence",
    bad: "Sync as often as one likes.",
    good: "Repeated syncs have no effect.",
  },
  {
    id: "P12",
    name: "sentence that runs over several comments",
    find: [/(?<=^\/\*\*[\s*]*)(?:…|\.\.\.) ?\w/g, /(?<!, )(?:…|\.\.\.)(?=\s*\*\/$)/g],
    rule: "let each constant document itself",
    bad: "/** …but no longer than this. */",
    good: "/** A list such as 1, 2, … of numbers. */",
  },
  {
    id: "P13",
    name: "archaic word",
    find: [
      /\b(?:anew|lest|mend(?:s|ed|ing)?|shall|hence|for ever|begun|before its time|thereof|herein|by chance|whilst|upon)\b/gi,
    ],
    rule: 'write "again", "so that … not", "fix", "must", "so", "forever", "started", "early" or "at random"',
    bad: "The log is written anew.",
    good: "The log is rewritten, on chance 0.5.",
  },
];

/** A text of a source: a comment with its marks, a string literal, or a document. */
export interface ProseText {
  readonly text: string;
  /** The offset in the file. */
  readonly offset: number;
}

/** Returns the matches of all patterns in a text, with their offsets in it. */
export function proseMatches(
  text: string,
): { readonly pattern: ProsePattern; readonly match: string; readonly offset: number }[] {
  return PROSE_PATTERNS.flatMap((pattern) =>
    pattern.find.flatMap((regex) =>
      [...text.matchAll(regex)].map((found) => ({ pattern, match: found[0], offset: found.index }))
    )
  );
}
