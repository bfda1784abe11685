import { ActionIcon, Button } from '@mantine/core';
import { IconLayoutGrid, IconMinus, IconPlus, IconZoomReset } from '@tabler/icons-react';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ScriptDoc } from '../../api/desk';
import { localText } from '../agent/names';
import type { Fault } from './api';
import { countByPage } from './faults';
import { layout, neighbour, type Arrow, type Box } from './layout';
import css from './scripts.module.css';

interface Props {
  doc: ScriptDoc;
  faults: Fault[];
  selected: string;
  onSelect: (id: string) => void;
  onDelete?: () => void;
  onPlace?: (index: number, place: { x: number; y: number }) => void;
  onArrange?: () => void;
}

const cut = (s: string, n: number) => (s.length > n ? s.slice(0, n - 1) + '…' : s);
// Chinese characters are about twice as wide.
const width = (s: string) => [...s].reduce((n, c) => n + (c > '\u2e7f' ? 1.8 : 1), 0);
function fit(s: string, most: number): string {
  if (width(s) <= most) return s;
  let out = '';
  for (const c of s) {
    if (width(out + c) > most - 1) break;
    out += c;
  }
  return out + '…';
}

const Way = memo(function Way({ a, lit }: { a: Arrow; lit: boolean }) {
  return <g className={css.way} data-lit={lit || undefined} data-conditional={a.label ? true : undefined}><path d={a.path} markerEnd={lit ? 'url(#tip-lit)' : 'url(#tip)'} /></g>;
});

/** What a way demands, above all lines. */
function WayLabel({ a, name, lit }: { a: Arrow; name: string; lit: boolean }) {
  const label = [a.call && `▸ ${name}`, a.label].filter(Boolean).join(' · ');
  if (!label) return null;
  return <g className={css.way} data-lit={lit || undefined}><text x={a.labelAt.x} y={a.labelAt.y} textAnchor="middle"><title>{label}</title>{cut(label, 26)}</text></g>;
}

interface BoxProps {
  b: Box;
  doc: ScriptDoc;
  faults: Fault[];
  selected: boolean;
  drag: { x: number; y: number } | null;
  onSelect: (id: string) => void;
  onPointerDown?: (e: React.PointerEvent, b: Box) => void;
}

function PageBox({ b, doc, faults, selected, drag, onSelect, onPointerDown }: BoxProps) {
  const { t } = useTranslation();
  const page = doc.steps[b.page]!;
  const [x, y] = [b.x + (drag?.x ?? 0), b.y + (drag?.y ?? 0)];
  if (b.kind !== 'page') {
    return (
      <g className={css.out} aria-hidden>
        <rect x={x} y={y} width={b.w} height={b.h} rx={12} />
        <text x={x + b.w / 2} y={y + 16} textAnchor="middle">{t(b.kind === 'end' ? 'scripts.end' : 'scripts.return')}</text>
      </g>
    );
  }
  const title = localText(page.title) || page.id;
  const first = page.id === doc.start;
  const special = faults.find((f) => f.code === 'unreachable' || f.code === 'no_exit');
  const state = special ? t(special.code === 'unreachable' ? 'scripts.unreachable' : 'scripts.deadEnd') : faults.length ? t('scripts.faults', { count: faults.length }) : '';
  const asks = page.questions?.length ?? 0;
  const facts = [first && t('scripts.first'), asks > 0 && t('scripts.asks', { count: asks }), page.disclosure && t('scripts.disclosureShort'), page.suggest && `→ ${page.suggest}`].filter(Boolean).join(' · ');
  return (
    <g className={css.box} role="button" tabIndex={selected ? 0 : -1} aria-pressed={selected} aria-label={[title, facts, state].filter(Boolean).join(', ')} data-key={b.key} data-testid={`graph-${b.key}`}
      data-selected={selected || undefined} data-bad={state ? true : undefined} data-first={first || undefined} onClick={() => onSelect(b.key)} onPointerDown={(e) => onPointerDown?.(e, b)}>
      <rect x={x} y={y} width={b.w} height={b.h} rx={8} />
      {first && <rect className={css.startBar} x={x} y={y + 10} width={4} height={b.h - 20} rx={2} />}
      <text className={css.boxTitle} x={x + 14} y={y + 24}>{fit(title, 22)}</text>
      <text className={state ? css.boxBad : css.boxFacts} x={x + 14} y={y + 43}>{fit(state ? `⚠ ${state}` : facts || localText(page.text), 27)}</text>
      <title>{title}</title>
    </g>
  );
}

const arrowsOf: Record<string, [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** The pages of a script and the ways between them. */
export function Graph({ doc, faults, selected, onSelect, onDelete, onPlace, onArrange }: Props) {
  const { t } = useTranslation();
  const [zoom, setZoom] = useState(1);
  const drawing = useMemo(() => layout(doc), [doc]);
  const byPage = useMemo(() => countByPage(faults), [faults]);
  const root = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ key: string; x: number; y: number } | null>(null);
  const began = useRef<{ box: Box; x: number; y: number } | null>(null);
  useEffect(() => {
    const el = root.current?.querySelector(`[data-key="${CSS.escape(selected)}"]`);
    el?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [selected]);

  const keys = (e: React.KeyboardEvent) => {
    const to = arrowsOf[e.key];
    if (to) {
      e.preventDefault();
      const next = neighbour(drawing.boxes, selected, ...to);
      if (!next) return;
      onSelect(next.key);
      root.current?.querySelector<SVGGElement>(`[data-key="${CSS.escape(next.key)}"]`)?.focus();
    } else if (e.key === 'Delete' && onDelete) {
      e.preventDefault();
      onDelete();
    } else if (e.key === 'Enter' || e.key === ' ') {
      e.preventDefault();
      document.getElementById('page-title')?.focus();
    }
  };
  const down = (e: React.PointerEvent, box: Box) => {
    if (!onPlace || e.button !== 0) return;
    began.current = { box, x: e.clientX, y: e.clientY };
  };
  const move = (e: React.PointerEvent) => {
    const b = began.current;
    if (!b) return;
    const by = { x: (e.clientX - b.x) / zoom, y: (e.clientY - b.y) / zoom };
    if (drag || Math.hypot(by.x, by.y) > 5) {
      if (!drag) e.currentTarget.setPointerCapture(e.pointerId);
      setDrag({ key: b.box.key, ...by });
    }
  };
  const up = () => {
    const b = began.current;
    began.current = null;
    if (!b || !drag) return;
    setDrag(null);
    const sub = doc.steps[b.box.page]!.sub;
    const frame = drawing.frames.find((f) => f.sub === sub);
    const origin = frame ? { x: frame.x + 16, y: frame.y + 30 } : { x: 16, y: 16 };
    onPlace?.(b.box.page, { x: Math.max(0, Math.round(b.box.x + drag.x - origin.x)), y: Math.max(0, Math.round(b.box.y + drag.y - origin.y)) });
  };
  const subName = (id: string) => localText(doc.subs?.find((s) => s.id === id)?.title) || id;
  const placed = doc.steps.some((s) => s.place);
  return (
    <div className={css.graph}>
      <div className={css.graphTools}>
        {placed && onArrange && <Button size="compact-xs" variant="default" leftSection={<IconLayoutGrid size={14} />} onClick={onArrange}>{t('scripts.arrange')}</Button>}
        <ActionIcon variant="default" size="sm" aria-label={t('scripts.smaller')} onClick={() => setZoom((z) => Math.max(0.3, z / 1.25))}><IconMinus size={14} /></ActionIcon>
        <ActionIcon variant="default" size="sm" aria-label={t('scripts.wholeGraph')} data-testid="graph-fit"
          onClick={() => root.current && setZoom(Math.max(0.3, Math.min(1, (root.current.clientWidth - 24) / drawing.width, (root.current.clientHeight - 24) / drawing.height)))}><IconZoomReset size={14} /></ActionIcon>
        <ActionIcon variant="default" size="sm" aria-label={t('scripts.bigger')} onClick={() => setZoom((z) => Math.min(2, z * 1.25))}><IconPlus size={14} /></ActionIcon>
      </div>
      <div className={css.canvas} ref={root} data-testid="graph">
        <svg width={(drawing.width + 24) * zoom} height={(drawing.height + 24) * zoom} viewBox={`-12 -12 ${drawing.width + 24} ${drawing.height + 24}`} role="group" aria-label={t('scripts.graphHelp')}
          onKeyDown={keys} onPointerMove={move} onPointerUp={up}>
          <defs>
            {['tip', 'tip-lit'].map((id) => <marker key={id} id={id} className={css[id === 'tip' ? 'tip' : 'tipLit']} viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 1 L9 5 L0 9 z" /></marker>)}
          </defs>
          {drawing.frames.map((f) => (
            <g key={f.key} className={css.frame} data-objection={f.objection || undefined}>
              <rect x={f.x} y={f.y} width={f.w} height={f.h} rx={12} />
              <text x={f.x + 14} y={f.y + 19}>{fit(t(f.objection ? 'scripts.objectionNamed' : 'scripts.subNamed', { name: subName(f.sub) }), Math.floor((f.w - 28) / 7))}</text>
            </g>
          ))}
          {drawing.arrows.map((a) => <Way key={a.key} a={a} lit={a.from === selected || a.to === selected} />)}
          {drawing.arrows.map((a) => <WayLabel key={a.key} a={a} name={a.call ? subName(a.call) : ''} lit={a.from === selected || a.to === selected} />)}
          {drawing.boxes.map((b) => (
            <PageBox key={b.key} b={b} doc={doc} faults={byPage.get(b.page) ?? []} selected={b.key === selected} onSelect={onSelect} onPointerDown={onPlace ? down : undefined}
              drag={drag?.key === b.key ? drag : null} />
          ))}
        </svg>
      </div>
    </div>
  );
}
