// What the shell gives to this back end, and what it asks of it. `templates/draw_sigma.js` joins the two.

/** Positions and groups, by index: bodies come first, then groups, a group always before its parts. */
export interface Drawing {
  readonly bodyCount: number;
  readonly groupCount: number;
  /** By index. x to the right, y downwards, in radii of one mark. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** By number of the group (index less bodyCount). */
  readonly radius: Float32Array;
  readonly parent: Int32Array;
  readonly level: Uint8Array;
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** By index of the body: the number of its group. */
  readonly home: Int32Array;
  readonly world: { left: number; right: number; top: number; bottom: number };
  idOf(index: number): string;
  indexOf(id: string): number;
  nameOf(index: number): string;
}

/** How one item looks now; null: it is filtered out, and not drawn. */
export interface ItemLook {
  readonly tone: string;
  readonly shape: "disc" | "square" | "ring";
  /** Only possible: its colour at the rim, and light inside. */
  readonly pale: boolean;
  readonly faded: boolean;
  /** Chosen itself: always named, and ringed. */
  readonly chosen: boolean;
  readonly ringed: boolean;
  readonly count: string;
}

/** All ties between two items that are drawn, as one line. */
export interface Link {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  readonly strength: "faint" | "strong" | "gone";
  readonly certainty: "certain" | "possible";
  readonly dashes: readonly number[];
}

export interface View {
  readonly items: { get(id: string): ItemLook | null };
  /** The ties between what is drawn; `standsFor` gives for each index the index that is drawn for it. */
  readonly ties: { among(standsFor: Int32Array): readonly Link[] };
  readonly cursor: string | null;
  readonly choosing: boolean;
}

export interface Target {
  readonly type: "item" | "tie";
  readonly id: string;
}

export interface Events {
  choose(target: Target | null): void;
  hover(target: Target | null): void;
  /** The camera came to rest, or other groups are open. */
  moved(): void;
}

/** Colours by their name in the palette. */
export type Look = Readonly<Record<string, string>>;

/** Middle of the screen in units of the map, and pixels of the screen for one unit. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** What is drawn, as elements of an SVG of this size. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly viewBox: string;
  readonly shapes: readonly SVGElement[];
}
