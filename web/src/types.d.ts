// What the scripts of the pages hand to one another. What pages are given is in data.d.ts.

declare module "echarts/lib/util/graphic.js" {
  export const clipRectByRect: typeof import("echarts/core").graphic.clipRectByRect;
}

declare namespace Page {
  /** What can be put into an element; a list is put in item by item, and nothing is where there is nothing. */
  type Child = Node | string | number | boolean | null | undefined | Child[];

  /** How a figure is written: a key of `SHOW`. */
  type Kind = "count" | "tokens" | "seconds" | "milliseconds" | "speed" | "percent" | "text";

  /** What pages that show requests are given. */
  type Common = Omit<Data.TracePage, "exchanges">;

  /** A session and what its page calls it: `prefix` begins the ids of its elements. */
  type Session = Data.PageSession & { prefix: string; first?: Map<number, number> };

  /** A fold whose inside is made by `ensure`, at the latest when it is opened. */
  type Fold = HTMLDetailsElement & { ensure: () => HTMLElement };

  /** A part in a fold: what a search looks through, and how it is shown with what matches a pattern marked. */
  type PartFold = Fold & { text: () => string; show: (pattern: RegExp | null) => HTMLElement };

  /** A turn in a fold, and its parts by their places, once it was unfolded. */
  type TurnFold = Fold & { parts: Map<number, PartFold> };

  /** An element that may be hidden, and has a way to show itself. */
  type Revealing = Element & { reveal?: () => void };

  /** An element that does something when it first comes into view. */
  type Seen = Element & { whenSeen: () => void };

  /** A text that a search looks through. */
  interface Searchable {
    text: () => string;
    show: (pattern: RegExp | null) => HTMLElement;
  }

  interface Match<Place> {
    place: Place;
    number: number;
  }

  interface Column<Row> {
    title: string;
    cell: (row: Row) => Child;
    /** Whether figures stand below one another. */
    number?: boolean;
  }

  interface Tile {
    name: string;
    value: Child;
    unit?: string;
    note?: Child;
  }

  /** The page's colours and letters. */
  interface Look {
    colour: (name: string) => string;
    font: string;
    ink: string;
    soft: string;
    line: string;
    card: string;
    paper: string;
    accent: string;
    /** Of the chart, in pixels. */
    width: number;
  }

  /** What a chart is made of; `option` is ECharts' own. */
  interface Chart {
    title?: string;
    about: string;
    silent?: boolean;
    height: number;
    option: (look: Look) => object;
    onclick?: (event: any) => void;
    many?: boolean;
  }

  /** What became of a part: it is as before, came, went, or is another now. */
  type Change = { same?: number[]; came?: number; went?: number; changed?: { before: number; after: number } };

  /** A session's time on an axis that leaves out some of it. */
  interface Timescale {
    cuts: { from: number; to: number; seconds: number }[];
    end: number;
    place: (time: number) => number;
    time: (place: number) => number;
  }
}
