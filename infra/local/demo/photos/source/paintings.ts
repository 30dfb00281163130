/** What is painted on tiles and walls, drawn as SVG. */

const BLUE = '#23488c'
const PALE = '#6d8fc4'
const GROUND = '#efede4'

/** Four tiles of a repeating blue and white pattern: leaves about a quatrefoil, joints between the tiles. */
export function tilePattern(): string {
  const corner = `
    <path d="M0 0 C40 8 62 22 72 50 C78 66 66 84 50 72 C22 62 8 40 0 0Z" fill="${BLUE}"/>
    <path d="M6 6 C36 14 52 26 60 48 C62 58 56 62 48 58 C28 50 14 36 6 6Z" fill="${PALE}"/>
    <path d="M10 10 L52 52" stroke="${GROUND}" stroke-width="3"/>
    <path d="M128 0 C112 14 100 30 100 52 C112 46 122 40 128 30Z" fill="${BLUE}"/>
    <path d="M0 128 C14 112 30 100 52 100 C46 112 40 122 30 128Z" fill="${BLUE}"/>
    <path d="M128 128 C104 122 92 112 88 88 C112 92 122 104 128 128Z" fill="${PALE}"/>
    <path d="M128 128 C114 122 104 114 100 100 C114 104 122 114 128 128Z" fill="${BLUE}"/>
    <circle cx="84" cy="84" r="6" fill="${BLUE}"/>
    <path d="M76 28 C88 30 96 24 98 14 M28 76 C30 88 24 96 14 98" stroke="${PALE}" stroke-width="4" fill="none" stroke-linecap="round"/>`
  const tile = (x: number, y: number, flipX: boolean, flipY: boolean) =>
    `<g transform="translate(${x + (flipX ? 128 : 0)} ${y + (flipY ? 128 : 0)}) scale(${flipX ? -1 : 1} ${flipY ? -1 : 1})">${corner}</g>`
  const four = [
    tile(0, 0, false, false),
    tile(128, 0, true, false),
    tile(0, 128, false, true),
    tile(128, 128, true, true),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512" viewBox="0 0 256 256">
    <rect width="256" height="256" fill="${GROUND}"/>${four.join('')}
    <path d="M0 0H256M0 128H256M0 0V256M128 0V256M0 256H256M256 0V256" stroke="#c9c3b2" stroke-width="2"/></svg>`
}

/** A border tile: waves between two lines. */
export function borderPattern(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256" viewBox="0 0 128 128">
    <rect width="128" height="128" fill="${GROUND}"/>
    <rect y="8" width="128" height="14" fill="${BLUE}"/><rect y="106" width="128" height="14" fill="${BLUE}"/>
    <rect y="28" width="128" height="4" fill="${PALE}"/><rect y="96" width="128" height="4" fill="${PALE}"/>
    <path d="M-8 84 C8 36 40 36 52 62 C60 82 36 88 36 70 M56 84 C72 36 104 36 116 62 C124 82 100 88 100 70" fill="none" stroke="${BLUE}" stroke-width="8" stroke-linecap="round"/>
    <path d="M0 0V128M128 0V128" stroke="#c9c3b2" stroke-width="2"/></svg>`
}

/** A small print: a sailing ship under clouds. */
export function sailingShip(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="400" viewBox="0 0 160 200">
    <rect width="160" height="200" fill="#dfe6e4"/><rect y="130" width="160" height="70" fill="#7d9fae"/>
    <circle cx="118" cy="46" r="17" fill="#e9b65d"/>
    <path d="M0 92 C30 78 52 84 72 92 C96 80 130 82 160 96 V130 H0Z" fill="#b9c9c8"/>
    <path d="M34 134 H128 L116 152 H48Z" fill="#6b4630"/>
    <path d="M80 40 V134 M56 58 V134 M104 62 V134" stroke="#50382a" stroke-width="2"/>
    <path d="M82 44 C104 56 104 84 100 96 H82Z M78 52 C62 64 60 88 60 98 H78Z M82 102 C100 104 104 118 104 126 H82Z M78 104 C60 108 56 118 56 126 H78Z" fill="#f6f0df"/>
    <path d="M0 160 C30 152 60 168 90 160 S140 154 160 162 M0 178 C40 170 70 186 110 176 S150 174 160 180" stroke="#dfeaec" stroke-width="2" fill="none"/></svg>`
}
