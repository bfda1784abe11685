import type uPlot from 'uplot';

/** Draws marks over a chart: a dashed line with a small flag at each time. */
export function drawMarks(u: uPlot, marks: { at: number }[], color: string): void {
  const { ctx, bbox } = u;
  const [from, to] = [u.scales.x?.min ?? 0, u.scales.x?.max ?? 0];
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const m of marks) {
    if (m.at < from || m.at > to) continue;
    const x = Math.round(u.valToPos(m.at, 'x', true));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x + 7 * devicePixelRatio, bbox.top + 4 * devicePixelRatio);
    ctx.lineTo(x, bbox.top + 8 * devicePixelRatio);
    ctx.fill();
  }
  ctx.restore();
}
