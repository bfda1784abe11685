// Where the pages of a script stand in its graph: layers from top to bottom, each sub-script in a frame of its own.
import type { ScriptDoc, ScriptPage } from '../../api/desk';

export const BOX = { w: 176, h: 58 };
const PILL = { w: 76, h: 24 };
const GAP = { x: 28, y: 58 };
const FRAME = { pad: 16, head: 30, gap: 28 };
/** Frames stand beside each other up to this width. */
const WIDE = 1500;

export interface Box { key: string; page: number; kind: 'page' | 'end' | 'return'; x: number; y: number; w: number; h: number }
export interface Arrow { key: string; from: string; to: string; label: string; labelAt: { x: number; y: number }; path: string; back: boolean; call?: string }
export interface FrameBox { key: string; sub: string; objection: boolean; x: number; y: number; w: number; h: number }
export interface Drawing { boxes: Box[]; arrows: Arrow[]; frames: FrameBox[]; width: number; height: number }

interface Edge { from: string; to: string; label: string; call?: string }
interface Node { key: string; page: number; kind: Box['kind']; w: number; h: number; place?: { x: number; y: number } }

/** Edges of the pages of one group; ways out of it lead to a small end of each page's own. */
function edgesOf(pages: { page: ScriptPage; index: number }[], sub: boolean): { nodes: Node[]; edges: Edge[] } {
  const here = new Set(pages.map((p) => p.page.id));
  const nodes: Node[] = [];
  const edges: Edge[] = [];
  for (const { page, index } of pages) {
    nodes.push({ key: page.id, page: index, kind: 'page', ...BOX, place: page.place });
    const ways = page.next?.length ? page.next : [{ to: sub ? 'return' : 'end' }];
    for (const way of ways) {
      const out = way.to === 'end' || way.to === 'return';
      const to = out ? `${way.to}:${page.id}` : way.to;
      if (out && !nodes.some((n) => n.key === to)) nodes.push({ key: to, page: index, kind: way.to as 'end' | 'return', ...PILL });
      if (!out && !here.has(to)) continue;
      const same = edges.find((e) => e.from === page.id && e.to === to && e.call === way.call);
      const label = way.when ?? '';
      if (same) same.label = [same.label, label].filter(Boolean).join(' | ');
      else edges.push({ from: page.id, to, label, ...(way.call && { call: way.call }) });
    }
  }
  return { nodes, edges };
}

/** A layer for each node: the longest way from the first page; ways that close a circle are left out of account. */
export function layersOf(keys: string[], edges: { from: string; to: string }[], start: string): Map<string, number> {
  const out = new Map<string, string[]>(keys.map((k) => [k, []]));
  for (const e of edges) out.get(e.from)?.push(e.to);
  const layer = new Map<string, number>();
  const order: string[] = [];
  const state = new Map<string, 1 | 2>();
  const forward = new Map<string, string[]>(keys.map((k) => [k, []]));
  const visit = (root: string) => {
    const stack: { key: string; i: number }[] = [{ key: root, i: 0 }];
    state.set(root, 1);
    while (stack.length) {
      const top = stack.at(-1)!;
      const next = out.get(top.key)![top.i++];
      if (next === undefined) {
        state.set(top.key, 2);
        order.push(top.key);
        stack.pop();
      } else if (state.get(next) !== 1) {
        forward.get(top.key)!.push(next);
        if (!state.has(next)) {
          state.set(next, 1);
          stack.push({ key: next, i: 0 });
        }
      }
    }
  };
  if (out.has(start)) visit(start);
  for (const k of keys) if (!state.has(k)) visit(k);
  for (const k of order.reverse()) {
    const at = layer.get(k) ?? 0;
    layer.set(k, at);
    for (const to of forward.get(k)!) layer.set(to, Math.max(layer.get(to) ?? 0, at + 1));
  }
  return layer;
}

interface Slot { key: string; w: number; x: number; up: Slot[]; down: Slot[] }

const mid = (s: Slot) => s.x + s.w / 2;
const mean = (slots: Slot[]) => slots.reduce((sum, s) => sum + mid(s), 0) / slots.length;

// Puts the slots of a layer where they want to be, in their order and without overlaps.
function spread(row: Slot[], wish: (s: Slot) => number): void {
  const want = row.map((s) => wish(s) - s.w / 2);
  let left = -Infinity;
  row.forEach((s, i) => {
    s.x = Math.max(want[i]!, left);
    left = s.x + s.w + GAP.x;
  });
  const shift = row.reduce((sum, s, i) => sum + (want[i]! - s.x), 0) / row.length;
  for (const s of row) s.x += shift;
}

/** Sorts and places the layers: each node near the middle of those that it is joined with. */
function arrange(rows: Slot[][]): void {
  rows.forEach((row) => {
    let x = 0;
    for (const s of row) {
      s.x = x;
      x += s.w + GAP.x;
    }
  });
  for (let turn = 0; turn < 6; turn++) {
    const down = turn % 2 === 0;
    for (const row of down ? rows : [...rows].reverse()) {
      const near = (s: Slot) => (down ? s.up : s.down);
      const wish = (s: Slot) => (near(s).length ? mean(near(s)) : mid(s));
      const wishes = new Map(row.map((s) => [s, wish(s)]));
      row.sort((a, b) => wishes.get(a)! - wishes.get(b)!);
      spread(row, (s) => wishes.get(s)!);
    }
  }
}

interface Placed { nodes: Map<string, Node & { x: number; y: number }>; arrows: Arrow[]; w: number; h: number }

const round = Math.round;

function curve(points: { x: number; y: number }[]): string {
  let d = `M${round(points[0]!.x)} ${round(points[0]!.y)}`;
  for (let i = 1; i < points.length; i++) {
    const a = points[i - 1]!;
    const b = points[i]!;
    const bend = Math.max(16, (b.y - a.y) / 2);
    d += ` C${round(a.x)} ${round(a.y + bend)} ${round(b.x)} ${round(b.y - bend)} ${round(b.x)} ${round(b.y)}`;
  }
  return d;
}

/** Lays out one group of pages. Pages with a place of their own stand there. */
function layoutGroup(pages: { page: ScriptPage; index: number }[], start: string, sub: boolean): Placed {
  const { nodes, edges } = edgesOf(pages, sub);
  const layer = layersOf(nodes.map((n) => n.key), edges, start);
  const rows: Slot[][] = [];
  const put = (key: string, w: number, at: number): Slot => {
    const slot: Slot = { key, w, x: 0, up: [], down: [] };
    (rows[at] ??= []).push(slot);
    return slot;
  };
  const slots = new Map(nodes.map((n) => [n.key, put(n.key, n.w, layer.get(n.key)!)]));
  const chains = new Map<Edge, Slot[]>();
  for (const e of edges) {
    const [from, to] = [layer.get(e.from)!, layer.get(e.to)!];
    if (to <= from) continue;
    // A long way keeps a lane free in the layers between.
    const chain = [slots.get(e.from)!, ...Array.from({ length: to - from - 1 }, (_, i) => put('', 12, from + 1 + i)), slots.get(e.to)!];
    chain.forEach((s, i) => {
      const next = chain[i + 1];
      if (!next) return;
      s.down.push(next);
      next.up.push(s);
    });
    chains.set(e, chain);
  }
  arrange(rows);
  const least = Math.min(0, ...rows.flat().map((s) => s.x));
  const heights = rows.map((row) => (row.some((s) => slots.get(s.key) && nodes.find((n) => n.key === s.key)!.kind === 'page') ? BOX.h : PILL.h));
  const tops = heights.map((_, i) => heights.slice(0, i).reduce((sum, h) => sum + h + GAP.y, 0));
  const placed = new Map(nodes.map((n) => {
    const s = slots.get(n.key)!;
    return [n.key, { ...n, x: round(n.place?.x ?? s.x - least), y: round(n.place?.y ?? tops[layer.get(n.key)!]!) }];
  }));
  // A page's end follows the page when that was moved by hand.
  for (const n of placed.values()) {
    if (n.kind === 'page') continue;
    const owner = placed.get(pages.find((p) => p.index === n.page)!.page.id)!;
    if (owner.place) Object.assign(n, { x: owner.x + (owner.w - n.w) / 2, y: owner.y + owner.h + GAP.y - 14 });
  }
  const arrows = edges.map((e, i) => arrowOf(e, i, placed, chains.get(e), least, (y) => tops[y]!, (k) => layer.get(k)!));
  const all = [...placed.values()];
  const loops = arrows.some((a) => a.back) ? 46 : 0;
  return { nodes: placed, arrows, w: Math.max(BOX.w, ...all.map((n) => n.x + n.w)) + loops, h: Math.max(BOX.h, ...all.map((n) => n.y + n.h)) };
}

function arrowOf(e: Edge, i: number, placed: Placed['nodes'], chain: Slot[] | undefined, least: number, top: (layer: number) => number, layer: (key: string) => number): Arrow {
  const a = placed.get(e.from)!;
  const b = placed.get(e.to)!;
  const base = { key: `${e.from}>${e.to}>${i}`, from: e.from, to: e.to, label: e.label, ...(e.call && { call: e.call }) };
  if (b.y <= a.y) {
    // Back up, around the right-hand side.
    const p = { x: a.x + a.w, y: a.y + a.h / 2 + 8 };
    const q = { x: b.x + b.w, y: b.y + b.h / 2 - 8 };
    const out = Math.max(p.x, q.x) + 26 + (i % 3) * 8;
    return { ...base, back: true, path: `M${round(p.x)} ${round(p.y)} C${round(out)} ${round(p.y)} ${round(out)} ${round(q.y)} ${round(q.x)} ${round(q.y)}`, labelAt: { x: out - 6, y: round((p.y + q.y) / 2) } };
  }
  const from = { x: a.x + a.w / 2, y: a.y + a.h };
  const to = { x: b.x + b.w / 2, y: b.y };
  const lanes = a.place || b.place || !chain ? [] : chain.slice(1, -1).flatMap((s, k) => {
    const at = { x: s.x - least + s.w / 2, y: top(layer(e.from) + 1 + k) };
    return [at, { x: at.x, y: at.y + BOX.h }];
  });
  const points = [from, ...lanes, to];
  const second = points[1]!;
  return { ...base, back: false, path: curve(points), labelAt: { x: round(from.x + (second.x - from.x) * 0.62), y: round(from.y + (second.y - from.y) * 0.6) } };
}

/** The whole drawing: the main script first, then frames of sub-scripts and objections. */
export function layout(doc: ScriptDoc): Drawing {
  const subs = new Map((doc.subs ?? []).map((s) => [s.id, s]));
  const first = new Map<string, number>();
  doc.steps.forEach((s, i) => first.has(s.id) || first.set(s.id, i));
  // The first of two pages with the same id is drawn; the other is a fault that the list tells.
  const pages = doc.steps.map((page, index) => ({ page, index })).filter((p) => first.get(p.page.id) === p.index);
  const groups = [{ id: '', start: doc.start, objection: false }, ...(doc.subs ?? []).map((s) => ({ id: s.id, start: s.start, objection: !!s.objection }))];
  const out: Drawing = { boxes: [], arrows: [], frames: [], width: 0, height: 0 };
  let [x, y, rowHeight] = [0, 0, 0];
  for (const g of groups) {
    const own = pages.filter((p) => (subs.has(p.page.sub ?? '') ? p.page.sub : '') === g.id);
    if (own.length === 0) continue;
    const placed = layoutGroup(own, g.start, g.id !== '');
    const frame = g.id === '' ? { w: placed.w + 2 * FRAME.pad, h: placed.h + 2 * FRAME.pad } : { w: placed.w + 2 * FRAME.pad, h: placed.h + FRAME.pad + FRAME.head };
    if (x > 0 && x + frame.w > WIDE) [x, y, rowHeight] = [0, y + rowHeight + FRAME.gap, 0];
    const origin = { x: x + FRAME.pad, y: y + (g.id === '' ? FRAME.pad : FRAME.head) };
    if (g.id) out.frames.push({ key: g.id, sub: g.id, objection: g.objection, x, y, ...frame });
    shift(out, placed, origin);
    x += frame.w + FRAME.gap;
    rowHeight = Math.max(rowHeight, frame.h);
    out.width = Math.max(out.width, x - FRAME.gap);
    out.height = Math.max(out.height, y + frame.h);
  }
  return out;
}

function shift(out: Drawing, placed: Placed, by: { x: number; y: number }): void {
  for (const n of placed.nodes.values()) out.boxes.push({ key: n.key, page: n.page, kind: n.kind, x: n.x + by.x, y: n.y + by.y, w: n.w, h: n.h });
  for (const a of placed.arrows) {
    let even = false;
    const path = a.path.replace(/-?\d+/g, (n) => {
      even = !even;
      return String(Number(n) + (even ? by.x : by.y));
    });
    out.arrows.push({ ...a, path, labelAt: { x: a.labelAt.x + by.x, y: a.labelAt.y + by.y } });
  }
}

/** The page to go to from one by an arrow key: the nearest in that direction. */
export function neighbour(boxes: Box[], from: string, dx: number, dy: number): Box | undefined {
  const pages = boxes.filter((b) => b.kind === 'page');
  const at = pages.find((b) => b.key === from);
  if (!at) return pages[0];
  const cost = (b: Box) => {
    const [x, y] = [b.x - at.x, b.y - at.y];
    const ahead = x * dx + y * dy;
    return ahead <= 0 ? Infinity : ahead + 0.9 * Math.abs(dx ? y : x);
  };
  const best = pages.filter((b) => b !== at).sort((a, b) => cost(a) - cost(b))[0];
  return best && cost(best) < Infinity ? best : undefined;
}
