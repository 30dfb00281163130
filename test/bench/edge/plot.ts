/** A plot of the mixed load as SVG: one panel a figure, one bar a system. Readable on light and on dark. */

export type Panel = {
  title: string
  unit: string
  /** In the order in which they are shown; the least is the best. */
  bars: { label: string; value: number; ours: boolean }[]
}

const WIDTH = 760
const LABEL_WIDTH = 150
const VALUE_WIDTH = 110
const BAR_HEIGHT = 22
const BAR_GAP = 8
const TITLE_HEIGHT = 40
const MARGIN = 20

/** The panels below one another. Bars begin at zero and share no scale between panels. */
export function plotOf(title: string, panels: readonly Panel[]): string {
  let top = MARGIN + 28
  const parts: string[] = []
  for (const panel of panels) {
    parts.push(panelAt(panel, top))
    top += TITLE_HEIGHT + panel.bars.length * (BAR_HEIGHT + BAR_GAP)
  }
  const height = top + MARGIN
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>
  svg { background: #ffffff; font: 14px system-ui, sans-serif }
  text { fill: #1d2530 }
  .title { font-weight: 600; font-size: 16px }
  .panel { font-weight: 600 }
  .ours { fill: #0a6b74 }
  .theirs { fill: #8a93a0 }
  @media (prefers-color-scheme: dark) {
    svg { background: #14181d }
    text { fill: #e8ecf1 }
    .ours { fill: #4fc3cd }
    .theirs { fill: #76808d }
  }
</style>
<text class="title" x="${MARGIN}" y="${MARGIN + 8}">${escaped(title)}</text>
${parts.join('\n')}
</svg>
`
}

function panelAt({ title, unit, bars }: Panel, top: number): string {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)
  const room = WIDTH - 2 * MARGIN - LABEL_WIDTH - VALUE_WIDTH
  const lines = bars.map(({ label, value, ours }, i) => {
    const y = top + TITLE_HEIGHT + i * (BAR_HEIGHT + BAR_GAP)
    const length = Math.max(1, Math.round((value / most) * room))
    const x = MARGIN + LABEL_WIDTH
    const baseline = y + BAR_HEIGHT - 6
    return `<text x="${MARGIN}" y="${baseline}">${escaped(label)}</text>
<rect class="${ours ? 'ours' : 'theirs'}" x="${x}" y="${y}" width="${length}" height="${BAR_HEIGHT}" rx="3"/>
<text x="${x + length + 8}" y="${baseline}">${escaped(shown(value, unit))}</text>`
  })
  return [`<text class="panel" x="${MARGIN}" y="${top + 26}">${escaped(title)}</text>`, ...lines].join('\n')
}

function shown(value: number, unit: string): string {
  const figure = value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
  return unit === '' ? figure : `${figure} ${unit}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
