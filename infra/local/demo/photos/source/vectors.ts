/** Points, directions and colours. Metres; y is up. Colours are linear light, red, green, blue. */
export type Vec = readonly [x: number, y: number, z: number]
export type Rgb = readonly [r: number, g: number, b: number]

export const add = (a: Vec, b: Vec): Vec => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
export const sub = (a: Vec, b: Vec): Vec => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
export const times = (a: Vec, k: number): Vec => [a[0] * k, a[1] * k, a[2] * k]
export const dot = (a: Vec, b: Vec): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
export const cross = (a: Vec, b: Vec): Vec => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]
export const unit = (a: Vec): Vec => times(a, 1 / (Math.hypot(a[0], a[1], a[2]) || 1))
export const blend = (a: Rgb, b: Rgb, t: number): Rgb => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
]

/** The direction towards a compass bearing (0 = -z, 90 = +x) and height above the horizon, degrees. */
export function towards(bearing: number, height: number): Vec {
  const [b, h] = [(bearing * Math.PI) / 180, (height * Math.PI) / 180]
  return [Math.sin(b) * Math.cos(h), Math.sin(h), -Math.cos(b) * Math.cos(h)]
}

/** A colour written `#rrggbb` in sRGB, as linear light, `k` times as bright. */
export function rgb(hex: string, k = 1): Rgb {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4) * k
  }
  return [channel(1), channel(3), channel(5)]
}
