/** Smooth chance in space, and numbers that repeat: what makes linen crease and clouds drift. */

/** A number from 0 to 1 for a lattice point; neighbours have nothing in common. */
export function hash3(x: number, y: number, z: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(z, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296
}

/** Value noise from 0 to 1, one unit to a lattice cell. */
export function noise(x: number, y: number, z: number): number {
  const ix = Math.floor(x)
  const iy = Math.floor(y)
  const iz = Math.floor(z)
  const fx = smooth(x - ix)
  const fy = smooth(y - iy)
  const fz = smooth(z - iz)
  const row = (dy: number, dz: number) => {
    const a = hash3(ix, iy + dy, iz + dz)
    return a + (hash3(ix + 1, iy + dy, iz + dz) - a) * fx
  }
  const near = row(0, 0) + (row(1, 0) - row(0, 0)) * fy
  const far = row(0, 1) + (row(1, 1) - row(0, 1)) * fy
  return near + (far - near) * fz
}

/** Noise of several sizes laid over one another, each half as large and half as strong as the one before; 0 to 1. */
export function layeredNoise(x: number, y: number, z: number, layers: number): number {
  let sum = 0
  let weight = 0.5
  let scale = 1
  for (let i = 0; i < layers; i++) {
    sum += weight * noise(x * scale + 17.3 * i, y * scale + 5.1 * i, z * scale + 9.7 * i)
    weight *= 0.5
    scale *= 2.03
  }
  return sum / (1 - 0.5 ** layers)
}

function smooth(t: number): number {
  return t * t * t * (t * (6 * t - 15) + 10)
}

/** 0 below `from`, 1 above `to`, smooth between. */
export function step(from: number, to: number, value: number): number {
  const t = Math.max(0, Math.min(1, (value - from) / (to - from)))
  return t * t * (3 - 2 * t)
}

export function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t
}

/** Numbers from 0 to 1 that repeat for a seed. */
export function dice(seed: number): () => number {
  let i = 0
  return () => hash3(seed, i++, 77)
}
