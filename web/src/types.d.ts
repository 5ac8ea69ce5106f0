// The types that the pages' scripts share. Those of the pages' data are in data.d.ts.

declare module "echarts/lib/util/graphic.js" {
  export const clipRectByRect: typeof import("echarts/core").graphic.clipRectByRect;
}

declare namespace Page {
  /** What can be put into an element; the items of a list one by one, null, undefined, false and "" not at all. */
  type Child = Node | string | number | boolean | null | undefined | Child[];

  /** How a figure is written: a key of `SHOW`. */
  type Kind = "count" | "tokens" | "seconds" | "milliseconds" | "speed" | "dollars" | "percent" | "text";

  /** The data that all pages with requests have. */
  type Common = Omit<Data.TracePage, "exchanges">;

  /** A session; the ids of its elements begin with `prefix`. */
  type Session = Data.PageSession & { prefix: string; first?: Map<number, number> };

  /** A fold whose content is made by `ensure`, at the latest when it is opened. */
  type Fold = HTMLDetailsElement & { ensure: () => HTMLElement };

  /** Shows a text with the matches of a pattern marked, and returns the element that holds it. */
  type Show = (pattern: RegExp | null) => HTMLElement;

  /** A part in a fold: `text` is searched, and shown by `show`; of one that changed, its earlier text by `showBefore`. */
  type PartFold = Fold & { text: () => string; show: Show; showBefore?: Show };

  /** A turn in a fold, and its parts by their indexes, once it was opened. */
  type TurnFold = Fold & { parts: Map<number, PartFold> };

  /** An element that may be hidden, and can show itself. */
  type Revealing = Element & { reveal?: () => void };

  /** An element that does something when it first comes into view. */
  type Seen = Element & { whenSeen: () => void };

  /** A text that can be searched. */
  interface Searchable {
    text: () => string;
    show: Show;
  }

  interface Match<Place> {
    place: Place;
    number: number;
  }

  interface Column<Row> {
    title: string;
    cell: (row: Row) => Child;
    /** Whether its cells are aligned as numbers are. */
    number?: boolean;
  }

  interface Tile {
    name: string;
    value: Child;
    unit?: string;
    note?: Child;
  }

  /** The page's colours and font. */
  interface Look {
    colour: (name: string) => string;
    font: string;
    ink: string;
    soft: string;
    line: string;
    card: string;
    paper: string;
    accent: string;
    /** The width of the chart in pixels. */
    width: number;
  }

  /** What a chart is made from; `option` returns ECharts' option. */
  interface Chart {
    title?: string;
    about: string;
    silent?: boolean;
    height: number;
    option: (look: Look) => object;
    onclick?: (event: any) => void;
    many?: boolean;
  }

  /** What happened to parts: they are the same, or one was added, removed or changed. */
  type Change = { same?: number[]; came?: number; went?: number; changed?: { before: number; after: number } };

  /** A scale from a session's time to places on an axis that shortens pauses. */
  interface Timescale {
    cuts: { from: number; to: number; seconds: number }[];
    end: number;
    place: (time: number) => number;
    time: (place: number) => number;
  }
}
