/** From pixels to rays and back. */
import type { Camera } from './scene.ts'
import { add, cross, dot, sub, times, unit, type Vec } from './vectors.ts'

export interface Lens {
  at: Vec
  /** The direction through a point of the picture, 0 to 1 from the left and from the top. */
  ray(u: number, v: number): Vec
}

/** A pinhole camera whose verticals stay upright when it looks straight ahead and `rise` frames the picture. */
export function lensOf(camera: Camera, aspect: number): Lens {
  const forward = unit(sub(camera.to, camera.at))
  const right = unit(cross(forward, [0, 1, 0]))
  const up = cross(right, forward)
  const half = Math.tan((camera.angle * Math.PI) / 360)
  const rise = camera.rise ?? 0
  return {
    at: camera.at,
    ray(u, v) {
      const across = (2 * u - 1) * half
      const high = ((1 - 2 * v) * half) / aspect + (rise * 2 * half) / aspect
      return unit(add(forward, add(times(right, across), times(up, high))))
    },
  }
}

/** The mirror image of a direction at a surface. */
export function mirrored(direction: Vec, normal: Vec): Vec {
  return sub(direction, times(normal, 2 * dot(direction, normal)))
}
